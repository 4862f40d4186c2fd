import { Field, ID, ObjectType } from 'type-graphql'
import { DataRequest } from '../entities/data-request'
import type { OrderedErasure } from './order-erasure'
import { UserError } from './user-errors'

@ObjectType()
export class DataRequestPayload {
  @Field(() => DataRequest, { nullable: true })
  dataRequest!: DataRequest | null

  @Field(() => [ID], { description: 'Deliveries that had passed their gate and may still arrive.' })
  alreadyPassed: string[] = []

  @Field(() => Boolean, { description: 'A code was mailed: ask again with it.' })
  codeSent!: boolean

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

export const requested = (dataRequest: DataRequest): DataRequestPayload => ({
  dataRequest,
  alreadyPassed: [],
  codeSent: false,
  userErrors: [],
})

export const erasing = ({ request, alreadyPassed }: OrderedErasure): DataRequestPayload => ({
  ...requested(request),
  alreadyPassed,
})

export const notRequested = (...userErrors: UserError[]): DataRequestPayload => ({
  dataRequest: null,
  alreadyPassed: [],
  codeSent: userErrors.some(error => error.code === 'FRESH_PROOF_REQUIRED'),
  userErrors,
})

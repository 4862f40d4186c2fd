// What mutations answer: the object if there is one, and the expected errors.
import { Field, ID, Int, ObjectType } from 'type-graphql'
import { Reader } from '../entities/reader'
import { Session, SessionTokens } from './session.types'
import { RateLimitedError, UserError } from './user-errors'

@ObjectType()
export class AcceptedPayload {
  @Field(() => Boolean)
  accepted!: boolean

  @Field(() => [ID], { description: 'Deliveries that had passed their gate and may still arrive.' })
  alreadyPassed: string[] = []

  @Field(() => Int, { nullable: true })
  retryAfterSeconds?: number | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

@ObjectType()
export class AgeCheckPayload {
  @Field(() => String, {
    nullable: true,
    description: 'Goes into readerRegister. Carries nothing; 30 minutes.',
  })
  agePass!: string | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

@ObjectType()
export class ReaderPayload {
  @Field(() => Reader, { nullable: true })
  reader!: Reader | null

  @Field(() => [ID], { description: 'Deliveries that had passed their gate and may still arrive.' })
  alreadyPassed: string[] = []

  @Field(() => Session, { nullable: true })
  session?: Session | null

  @Field(() => SessionTokens, { nullable: true })
  tokens?: SessionTokens | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

/** Accepted, or refused with these errors. */
export const accepted = (alreadyPassed: string[] = []): AcceptedPayload => ({
  accepted: true,
  alreadyPassed,
  userErrors: [],
})
export const refused = (...userErrors: UserError[]): AcceptedPayload => ({
  accepted: false,
  alreadyPassed: [],
  retryAfterSeconds: userErrors.find(error => error instanceof RateLimitedError)?.retryAfterSeconds,
  userErrors,
})

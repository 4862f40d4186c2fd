import { Field, ID, Int, ObjectType } from 'type-graphql'
import { AgreementKind } from '../entities/agreement'
import { ProcessorStatus } from '../entities/processor'
import { connectionOf } from './connection'
import { ShownPurposeType } from './purpose.types'
import { Day } from './scalars'

@ObjectType('Processor', { description: 'A third party that helps the site, as anybody may know it.' })
export class ProcessorView {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  name!: string

  @Field(() => String)
  legalName!: string

  @Field(() => String, { description: 'ISO 3166-1 alpha-2.' })
  country!: string

  @Field(() => String)
  role!: string

  @Field(() => [String])
  dataCategories!: string[]

  @Field(() => [ShownPurposeType])
  purposes!: ShownPurposeType[]

  @Field(() => String, { nullable: true })
  privacyPolicyUrl!: string | null

  @Field(() => ProcessorStatus)
  status!: ProcessorStatus

  @Field(() => Boolean, { description: 'Without one it is given nothing, whatever its status.' })
  hasActiveAgreement!: boolean

  processorId!: number
}
export const ProcessorConnection = connectionOf(ProcessorView, 'Processor')

@ObjectType('Agreement')
export class AgreementView {
  @Field(() => ID)
  id!: string

  @Field(() => AgreementKind)
  kind!: AgreementKind

  @Field(() => Day)
  signedAt!: Date

  @Field(() => Day, { nullable: true, description: 'The last day it holds.' })
  expiresAt!: Date | null

  @Field(() => String, { description: 'SHA-256 of the document, hex.' })
  documentHash!: string

  @Field(() => Boolean)
  active!: boolean
}

@ObjectType('Disclosure', { description: 'One passing of readers’ data to a processor.' })
export class DisclosureView {
  @Field(() => ID)
  id!: string

  @Field(() => ProcessorView)
  processor!: ProcessorView

  @Field(() => ShownPurposeType)
  purpose!: ShownPurposeType

  @Field(() => AgreementView, { description: 'The one it was passed under.' })
  agreement!: AgreementView

  @Field(() => [String])
  dataCategories!: string[]

  @Field(() => Date)
  at!: Date

  @Field(() => Int)
  recordCount!: number

  @Field(() => String)
  reason!: string
}
export const DisclosureConnection = connectionOf(DisclosureView, 'Disclosure')

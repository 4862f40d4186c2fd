// Expected errors: in the payload, many at once. The code is stable, the message localised, the field an input path.
import { Field, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql'
import { NewsletterStatus } from '../entities/newsletter'
import { PolicyVersion } from '../entities/policy-version'
import { type MessageKey, message } from '../messages'
import { ChecklistItem } from './checklist.types'
import { NewsletterAction } from './newsletter-actions'
import { ShownPurposeType } from './purpose.types'

export enum ErrorCode {
  REQUIRED = 'REQUIRED',
  INVALID = 'INVALID',
  TOO_LONG = 'TOO_LONG',
  NOT_FOUND = 'NOT_FOUND',
  NOT_ELIGIBLE = 'NOT_ELIGIBLE',
  STALE_POLICY = 'STALE_POLICY',
  STALE_VERSION = 'STALE_VERSION',
  INVALID_STATE = 'INVALID_STATE',
  TOKEN_INVALID = 'TOKEN_INVALID',
  TOKEN_EXPIRED = 'TOKEN_EXPIRED',
  CODE_INVALID = 'CODE_INVALID',
  RATE_LIMITED = 'RATE_LIMITED',
  REAUTH_REQUIRED = 'REAUTH_REQUIRED',
  CHALLENGE_REQUIRED = 'CHALLENGE_REQUIRED',
  FRESH_PROOF_REQUIRED = 'FRESH_PROOF_REQUIRED',
  CHECKLIST_BLOCKED = 'CHECKLIST_BLOCKED',
  AUDIENCE_CHANGED = 'AUDIENCE_CHANGED',
  AUDIENCE_EMPTY = 'AUDIENCE_EMPTY',
  APPROVAL_REQUIRED = 'APPROVAL_REQUIRED',
  MJML_INVALID = 'MJML_INVALID',
  SUPPRESSED = 'SUPPRESSED',
  EVIDENCE_MISSING = 'EVIDENCE_MISSING',
  IDEMPOTENCY_MISMATCH = 'IDEMPOTENCY_MISMATCH',
}
registerEnumType(ErrorCode, { name: 'ErrorCode' })

// Each schema names the implementers it has: the public one must not show what only staff can meet.
@InterfaceType({ resolveType: error => error.constructor.name, autoRegisterImplementations: false })
export abstract class UserError {
  @Field(() => ErrorCode)
  code!: ErrorCode

  @Field(() => String)
  message!: string

  @Field(() => [String], { nullable: true })
  field!: string[] | null

  constructor(locale: string, code: ErrorCode, field: string[] | null, detail?: string) {
    this.code = code
    this.field = field
    this.message = detail ?? message(locale, `error.${code}` as MessageKey)
  }
}

@ObjectType({ implements: UserError })
export class InputError extends UserError {}

@ObjectType({ implements: UserError })
export class RateLimitedError extends UserError {
  @Field(() => Int)
  retryAfterSeconds!: number
}

@ObjectType({ implements: UserError })
export class ChallengeRequiredError extends UserError {
  @Field(() => String, { description: 'A proof of work in the format of altcha 2, as JSON.' })
  challenge!: string
}

@ObjectType({ implements: UserError })
export class StalePolicyError extends UserError {
  @Field(() => PolicyVersion)
  currentPolicy!: PolicyVersion

  @Field(() => [ShownPurposeType])
  currentPurposes!: ShownPurposeType[]
}

@ObjectType({ implements: UserError })
export class StaleVersionError extends UserError {
  @Field(() => Int)
  currentVersion!: number

  @Field(() => String, { nullable: true })
  savedBy!: string | null

  @Field(() => Date, { nullable: true })
  savedAt!: Date | null
}

@ObjectType({ implements: UserError })
export class InvalidStateError extends UserError {
  @Field(() => NewsletterStatus)
  status!: NewsletterStatus

  @Field(() => [NewsletterAction])
  allowedActions!: NewsletterAction[]
}

@ObjectType({ implements: UserError })
export class ChecklistError extends UserError {
  @Field(() => [ChecklistItem])
  blocking!: ChecklistItem[]
}

@ObjectType({ implements: UserError })
export class AudienceChangedError extends UserError {
  @Field(() => Int)
  confirmed!: number

  @Field(() => Int)
  current!: number
}

/** Every implementer: interfaces reach a schema only if they are named. */
export const publicErrorTypes = [InputError, StalePolicyError, RateLimitedError, ChallengeRequiredError]
export const staffErrorTypes = [StaleVersionError, InvalidStateError, ChecklistError, AudienceChangedError]

import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from 'type-graphql'
import {
  confirmSecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
  startSecondFactor,
} from '../consent/staff-second-factor'
import type { StaffUser } from '../entities/staff-user'
import { transaction } from '../transaction'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { enterCode } from './enter-code'
import { notFresh } from './fresh'
import { AcceptedPayload, accepted, refused } from './payloads'
import { ErrorCode, InputError, UserError } from './user-errors'

@ObjectType()
export class SecondFactorPayload {
  @Field(() => String, { nullable: true, description: 'For typing in, where no picture can be read.' })
  secret!: string | null

  @Field(() => String, { nullable: true, description: '`otpauth://…`: what the QR code holds.' })
  url!: string | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

@ObjectType()
export class RecoveryCodesPayload {
  @Field(() => [String], { description: 'Each is good once, instead of a code. Shown this once.' })
  recoveryCodes: string[] = []

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

@Resolver()
export class SecondFactorResolver {
  @Mutation(() => SecondFactorPayload, { description: 'Nothing changes until a first code is entered.' })
  @Access('AUTHOR')
  async secondFactorStart(@Ctx() context: ApiContext): Promise<SecondFactorPayload> {
    const stale = await notFresh(context)
    if (stale) return { secret: null, url: null, userErrors: [stale] }
    const { db, keyring, site, locale } = context
    const started = await transaction(db, tx => startSecondFactor(tx, keyring, self(context), site.name))
    if (started) return { ...started, userErrors: [] }
    return { secret: null, url: null, userErrors: [new InputError(locale, ErrorCode.INVALID_STATE, null)] }
  }

  @Mutation(() => RecoveryCodesPayload, { description: 'From now on a code is asked for at every log-in.' })
  @Access('AUTHOR')
  async secondFactorConfirm(
    @Ctx() context: ApiContext,
    @Arg('code', () => String) code: string,
  ): Promise<RecoveryCodesPayload> {
    const { publicId, id } = self(context)
    const codes = await audited(
      context,
      tx => confirmSecondFactor(tx, context.keyring, id, code),
      made => (made ? { action: 'staff.second-factor-on', target: publicId } : undefined),
    )
    return codes
      ? { recoveryCodes: codes, userErrors: [] }
      : { recoveryCodes: [], userErrors: [codeError(context, ErrorCode.CODE_INVALID)] }
  }

  @Mutation(() => RecoveryCodesPayload, { description: 'New recovery codes; the old ones are void.' })
  @Access('AUTHOR')
  async recoveryCodesRenew(
    @Ctx() context: ApiContext,
    @Arg('code', () => String) code: string,
  ): Promise<RecoveryCodesPayload> {
    const problem = await enterCode(context, self(context), code)
    if (problem) return { recoveryCodes: [], userErrors: [codeError(context, problem)] }
    const recoveryCodes = await audited(
      context,
      tx => renewRecoveryCodes(tx, context.keyring, self(context)),
      () => ({ action: 'staff.recovery-codes', target: self(context).publicId }),
    )
    return { recoveryCodes, userErrors: [] }
  }

  @Mutation(() => AcceptedPayload)
  @Access('AUTHOR')
  async secondFactorRemove(
    @Ctx() context: ApiContext,
    @Arg('code', () => String) code: string,
  ): Promise<AcceptedPayload> {
    const { id, publicId } = self(context)
    const problem = await enterCode(context, self(context), code)
    if (problem) return refused(codeError(context, problem))
    await audited(
      context,
      tx => removeSecondFactor(tx, id),
      () => ({ action: 'staff.second-factor-off', target: publicId }),
    )
    return accepted()
  }
}

function self({ staff }: ApiContext): StaffUser {
  if (!staff) throw new Error('Nobody is logged in')
  return staff
}

const codeError = ({ locale }: ApiContext, code: ErrorCode): UserError =>
  new InputError(locale, code, ['code'])

import { Arg, Ctx, Field, InputType, Mutation, Resolver } from 'type-graphql'
import { mayGuess } from '../consent/staff-attempts'
import { hashPassword, lockStaff, setPassword } from '../consent/staff-password'
import { parseAddress } from '../mail/address'
import { queueNotice } from '../notices/queue-notice'
import { addressHash } from '../secrets/address-hash'
import { transaction } from '../transaction'
import { Access } from './access'
import { audited } from './audited'
import { choosePassword, passwordProblem } from './choose-password'
import type { ApiContext } from './context'
import { AcceptedPayload, accepted, refused } from './payloads'
import { EmailInput } from './register.inputs'
import { setStaffCookie } from './staff-cookie'
import { enterPassword } from './staff-session.resolver'
import { ErrorCode, InputError } from './user-errors'

@InputType()
export class PasswordChangeInput {
  @Field(() => String, { description: 'The present one.' })
  password!: string

  @Field(() => String)
  newPassword!: string
}

@Resolver()
export class StaffPasswordResolver {
  @Mutation(() => AcceptedPayload, { description: 'Ends all your log-ins, this one too.' })
  @Access('AUTHOR')
  async staffPasswordChange(
    @Ctx() context: ApiContext,
    @Arg('input', () => PasswordChangeInput) input: PasswordChangeInput,
  ): Promise<AcceptedPayload> {
    const { staff, locale } = context
    if (!staff) throw new Error('Nobody is logged in')
    const wrong = passwordProblem(locale, input.newPassword)
    if (wrong) return refused(new InputError(locale, ErrorCode.INVALID, ['input', 'newPassword'], wrong))
    const problem = await enterPassword(context, staff, input.password)
    if (problem) return refused(new InputError(locale, problem, ['input', 'password']))
    const passwordHash = await hashPassword(input.newPassword)
    await audited(
      context,
      async tx => setPassword(tx, await lockStaff(tx, staff.id), passwordHash),
      () => ({ action: 'staff.password', target: staff.publicId }),
    )
    setStaffCookie(context.config, context.response, '')
    return accepted()
  }

  @Mutation(() => AcceptedPayload, {
    description: 'Mails a link to choose a new password. The same answer for every address.',
  })
  @Access('ANYONE')
  async staffPasswordResetStart(
    @Ctx() { db, keyring, locale, clientIp, enqueue }: ApiContext,
    @Arg('input', () => EmailInput) input: EmailInput,
  ): Promise<AcceptedPayload> {
    const address = parseAddress(input.email)
    if (!address) return refused(new InputError(locale, ErrorCode.INVALID, ['input', 'email']))
    const guesses = [
      { kind: 'client', ip: clientIp },
      { kind: 'reset', address: address.canonical },
    ] as const
    if (!(await mayGuess(db, keyring, guesses)))
      return refused(new InputError(locale, ErrorCode.RATE_LIMITED, null))
    const hash = addressHash(keyring, address.canonical)
    const noticeId = await transaction(db, tx =>
      queueNotice(tx, { kind: 'staff-reset', addressHash: hash, locale }),
    )
    await enqueue.notice(noticeId)
    return accepted()
  }

  @Mutation(() => AcceptedPayload, { description: 'By the token of the mailed link, once.' })
  @Access('TOKEN')
  async staffPasswordSet(
    @Ctx() context: ApiContext,
    @Arg('token', () => String) token: string,
    @Arg('password', () => String) password: string,
  ): Promise<AcceptedPayload> {
    const { locale, requestId } = context
    const chosen = await choosePassword(context, locale, token, password, requestId)
    if (chosen.kind === 'chosen') return accepted()
    return chosen.kind === 'problem'
      ? refused(new InputError(locale, ErrorCode.INVALID, ['password'], chosen.problem))
      : refused(new InputError(locale, ErrorCode.TOKEN_INVALID, ['token']))
  }
}

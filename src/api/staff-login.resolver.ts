import { Arg, Ctx, Field, InputType, Mutation, Resolver } from 'type-graphql'
import { audit, staffActor } from '../consent/audit'
import { forgiveGuess, type Guess, mayGuess } from '../consent/staff-attempts'
import { isPassword, lockStaff, staffWithAddress } from '../consent/staff-password'
import { endStaffSession, openStaffSession } from '../consent/staff-session'
import { SessionTransport } from '../entities/session-transport'
import type { StaffUser } from '../entities/staff-user'
import { parseAddress } from '../mail/address'
import { addressHash } from '../secrets/address-hash'
import { transaction } from '../transaction'
import { Access } from './access'
import { mustBeAllowedCookie } from './answer-session'
import type { ApiContext } from './context'
import { enterCode } from './enter-code'
import { SessionPayload } from './session.types'
import { setStaffCookie } from './staff-cookie'
import { sessionView } from './staff-session.resolver'
import { ErrorCode, InputError } from './user-errors'

@InputType()
export class StaffLoginInput {
  @Field(() => String)
  email!: string

  @Field(() => String)
  password!: string

  @Field(() => String, {
    nullable: true,
    description: 'The code of the second factor, or a recovery code; only for those who have one.',
  })
  totp?: string | null

  @Field(() => SessionTransport)
  transport!: SessionTransport
}

@Resolver()
export class StaffLoginResolver {
  @Mutation(() => SessionPayload, {
    description:
      'REQUIRED at `totp`: the password is right and a code is needed. RATE_LIMITED: too many guesses, a quarter of an hour.',
  })
  @Access('ANYONE')
  async staffLogin(
    @Ctx() context: ApiContext,
    @Arg('input', () => StaffLoginInput) input: StaffLoginInput,
  ): Promise<SessionPayload> {
    mustBeAllowedCookie(context, input.transport)
    const { db, keyring, clientIp } = context
    const canonical = parseAddress(input.email)?.canonical
    const guesses: Guess[] = [{ kind: 'client', ip: clientIp }]
    if (canonical) guesses.push({ kind: 'account', address: canonical })
    if (!(await mayGuess(db, keyring, guesses))) return refusal(context, ErrorCode.RATE_LIMITED, 'password')
    const staff = canonical ? await staffWithAddress(db.manager, addressHash(keyring, canonical)) : null
    const isRight = await isPassword(staff?.passwordHash, input.password)
    if (!staff || !isRight || staff.disabledAt) return refusal(context, ErrorCode.INVALID, 'password')
    await forgiveGuess(db.manager, keyring, guesses)
    if (staff.totpConfirmedAt) {
      const problem = input.totp ? await enterCode(context, staff, input.totp) : ErrorCode.REQUIRED
      if (problem) return refusal(context, problem, 'totp')
    }
    return logIn(context, staff, input.transport)
  }
}

/** Opens the session, unless the password was changed or the person disabled since it was looked at. */
async function logIn(
  context: ApiContext,
  staff: StaffUser,
  transport: SessionTransport,
): Promise<SessionPayload> {
  const opened = await transaction(context.db, async tx => {
    const present = await lockStaff(tx, staff.id)
    if (present.disabledAt || present.passwordHash !== staff.passwordHash) return undefined
    const { token, session } = await openStaffSession(tx, staff.id, transport)
    await audit(tx, staffActor(present, context.requestId), 'staff.login', session.publicId)
    // A browser has one log-in: the one it came with ends.
    const earlier = context.session
    if (earlier?.transport === SessionTransport.COOKIE) await endStaffSession(tx, earlier)
    return { token, session }
  })
  if (!opened) return refusal(context, ErrorCode.INVALID, 'password')
  const { token, session } = opened
  const isBearer = transport === SessionTransport.BEARER
  if (!isBearer) setStaffCookie(context.config, context.response, token)
  return {
    session: sessionView(session, session),
    tokens: isBearer ? { accessToken: token, accessExpiresAt: session.expiresAt } : null,
    userErrors: [],
  }
}

const refusal = ({ locale }: ApiContext, code: ErrorCode, field: string): SessionPayload => ({
  session: null,
  tokens: null,
  userErrors: [new InputError(locale, code, ['input', field])],
})

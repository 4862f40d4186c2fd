import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql'
import { openStaff } from '../consent/staff'
import { forgiveGuess, mayGuess } from '../consent/staff-attempts'
import { isPassword, staffWithAddress } from '../consent/staff-password'
import { endStaffSession, proveStaffSession } from '../consent/staff-session'
import { StaffSession } from '../entities/staff-session'
import type { StaffUser } from '../entities/staff-user'
import { Access, isAllowed } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { enterCode } from './enter-code'
import { AcceptedPayload, accepted, refused } from './payloads'
import { ReauthInput } from './reauth.input'
import { Session } from './session.types'
import { StaffView } from './staff.resolver'
import { setStaffCookie } from './staff-cookie'
import { ErrorCode, InputError } from './user-errors'

@Resolver(() => StaffView)
export class StaffSessionResolver {
  @Mutation(() => AcceptedPayload)
  @Access('AUTHOR')
  async logout(@Ctx() { db, config, session, response }: ApiContext): Promise<AcceptedPayload> {
    if (session) await endStaffSession(db.manager, session)
    setStaffCookie(config, response, '')
    return accepted()
  }

  @Mutation(() => AcceptedPayload, {
    description: 'Password or code once more: for ten minutes what needs it may be done.',
  })
  @Access('AUTHOR')
  async reauthenticate(
    @Ctx() context: ApiContext,
    @Arg('input', () => ReauthInput) input: ReauthInput,
  ): Promise<AcceptedPayload> {
    const { db, staff, session, locale } = context
    if (!staff || !session) return refused(new InputError(locale, ErrorCode.INVALID_STATE, null))
    const [field, problem] = input.code
      ? ['code', await enterCode(context, staff, input.code)]
      : ['password', await enterPassword(context, staff, input.password ?? '')]
    if (problem) return refused(new InputError(locale, problem, ['input', field]))
    await proveStaffSession(db.manager, session)
    return accepted()
  }

  @Mutation(() => AcceptedPayload, { description: 'Ends one of your own log-ins; as an admin, anybody’s.' })
  @Access('AUTHOR')
  async sessionRevoke(@Ctx() context: ApiContext, @Arg('id', () => ID) id: string): Promise<AcceptedPayload> {
    const { staff } = context
    const owner = isAllowed(staff?.role, 'ADMIN') ? {} : { staffId: staff?.id ?? 0 }
    const ended = await audited(
      context,
      tx => tx.delete(StaffSession, { publicId: id, ...owner }),
      ({ affected }) => (affected === 1 ? { action: 'staff.session-end', target: id } : undefined),
    )
    return ended.affected === 1
      ? accepted()
      : refused(new InputError(context.locale, ErrorCode.NOT_FOUND, ['id']))
  }

  @FieldResolver(() => [Session], {
    description: 'Log-ins that are good; your own, or as an admin anybody’s.',
  })
  async sessions(@Root() { id }: StaffView, @Ctx() context: ApiContext): Promise<Session[]> {
    const { staff, session, loaders } = context
    if (id !== staff?.publicId && !isAllowed(staff?.role, 'ADMIN')) return []
    const owner = await loaders.staffByPublicId.load(id)
    const sessions = owner ? await loaders.staffSessions.load(owner.id) : []
    return sessions.map(one => sessionView(one, session))
  }
}

export const sessionView = (session: StaffSession, current: StaffSession | undefined): Session => ({
  ...session,
  id: session.publicId,
  current: session.publicId === current?.publicId,
})

/** Whether this is the password of the staff member who asks; answers what is wrong with it. */
export async function enterPassword(
  { db, keyring }: ApiContext,
  staff: StaffUser,
  password: string,
): Promise<ErrorCode.INVALID | ErrorCode.RATE_LIMITED | undefined> {
  const guesses = [{ kind: 'account', address: openStaff(keyring, staff).email }] as const
  if (!(await mayGuess(db, keyring, guesses))) return ErrorCode.RATE_LIMITED
  const present = await staffWithAddress(db.manager, staff.addressHash)
  if (!(await isPassword(present?.passwordHash, password))) return ErrorCode.INVALID
  await forgiveGuess(db.manager, keyring, guesses)
  return undefined
}

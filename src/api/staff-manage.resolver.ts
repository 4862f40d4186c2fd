import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { createStaff, isStaffName } from '../consent/staff'
import { type StaffSaved, saveStaff } from '../consent/staff-save'
import { type StaffRole, StaffUser, staffRoles } from '../entities/staff-user'
import { parseAddress } from '../mail/address'
import { queueNotice } from '../notices/queue-notice'
import { addressHash } from '../secrets/address-hash'
import { Access } from './access'
import { type AuditEntry, audited } from './audited'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { notFresh } from './fresh'
import { StaffView, staffView } from './staff.resolver'
import { ErrorCode, InputError, UserError } from './user-errors'
import { Role } from './viewer.resolver'

@InputType()
export class StaffInput {
  @Field(() => String)
  name!: string

  @Field(() => String)
  email!: string

  @Field(() => Role, { description: 'AUTHOR, PUBLISHER or ADMIN.' })
  role!: Role
}

@ObjectType()
export class StaffPayload {
  @Field(() => StaffView, { nullable: true })
  staff!: StaffView | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

/** More than any site has. */
const MAX_STAFF = 1000

@Resolver()
export class StaffManageResolver {
  @Query(() => [StaffView], { description: 'Everybody of staff, the disabled too.' })
  @Access('ADMIN')
  async staff(@Ctx() context: ApiContext): Promise<StaffView[]> {
    const rows = await context.db.manager.find(StaffUser, { order: { id: 'ASC' }, take: MAX_STAFF })
    return rows.map(row => staffView(context, row))
  }

  @Mutation(() => StaffPayload, {
    description:
      'Mails a link to choose a password, good for 72 hours. For somebody who has not accepted yet: mails it again.',
  })
  @Access('ADMIN')
  async staffInvite(
    @Ctx() context: ApiContext,
    @Arg('input', () => StaffInput) input: StaffInput,
  ): Promise<StaffPayload> {
    const role = asStaffRole(input.role)
    const address = parseAddress(input.email)
    const stale = await notFresh(context)
    if (stale) return refused(stale)
    if (!role) return refused(inputError(context, 'input', 'role'))
    if (!address) return refused(inputError(context, 'input', 'email'))
    if (!isStaffName(input.name)) return refused(inputError(context, 'input', 'name'))
    const person = { address, name: input.name.trim(), role }
    const invited = await audited(
      context,
      tx => invite(tx, context, person),
      one => one && { action: 'staff.invite', target: one.staff.publicId, reason: role },
    )
    if (!invited) return refused(inputError(context, 'input', 'email'))
    await context.enqueue.notice(invited.noticeId)
    return { staff: staffView(context, invited.staff), userErrors: [] }
  }

  @Mutation(() => StaffPayload, {
    description: 'Every log-in of theirs ends at once, and with the role of an admin the API keys they made.',
  })
  @Access('ADMIN')
  async staffSave(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('role', () => Role) newRole: Role,
    @Arg('disabled', () => Boolean) disabled: boolean,
  ): Promise<StaffPayload> {
    const { id: staffId } = await byPublicId(context.db.manager, StaffUser, id)
    const role = asStaffRole(newRole)
    const stale = await notFresh(context)
    if (stale) return refused(stale)
    if (!role) return refused(inputError(context, 'role'))
    const saved = await audited(context, tx => saveStaff(tx, staffId, { role, disabled }), savedEntries)
    return saved.kind === 'saved'
      ? { staff: staffView(context, saved.staff), userErrors: [] }
      : refused(new InputError(context.locale, ErrorCode.INVALID_STATE, ['role']))
  }
}

/** Writes the staff member and the notice with the link; undefined when they have a password already. */
async function invite(
  tx: EntityManager,
  { keyring, locale }: ApiContext,
  person: { address: { canonical: string; display: string }; name: string; role: StaffRole },
): Promise<{ staff: StaffUser; noticeId: number } | undefined> {
  const hash = addressHash(keyring, person.address.canonical)
  const known = await tx.findOneBy(StaffUser, { addressHash: hash })
  if (known && (known.confirmedAt || known.disabledAt || known.role !== person.role)) return undefined
  const staff = known ?? (await createStaff(tx, keyring, person))
  if (!staff) return undefined
  const noticeId = await queueNotice(tx, { kind: 'staff-invitation', addressHash: hash, locale })
  return { staff, noticeId }
}

function savedEntries(saved: StaffSaved): AuditEntry[] {
  if (saved.kind !== 'saved') return []
  const { staff, before, revokedKeys } = saved
  const entries: AuditEntry[] = revokedKeys.map(target => ({ action: 'key.revoke', target }))
  const isDisabled = staff.disabledAt !== null
  if (staff.role !== before.role)
    entries.push({ action: 'staff.role', target: staff.publicId, reason: `${before.role} to ${staff.role}` })
  if (isDisabled !== before.disabled)
    entries.push({ action: isDisabled ? 'staff.disable' : 'staff.enable', target: staff.publicId })
  return entries
}

const asStaffRole = (role: Role): StaffRole | undefined => staffRoles.find(one => one === role)

const inputError = ({ locale }: ApiContext, ...field: string[]): UserError =>
  new InputError(locale, ErrorCode.INVALID, field)

const refused = (...userErrors: UserError[]): StaffPayload => ({ staff: null, userErrors })

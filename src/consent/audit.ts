// Who of staff did what. Written in the transaction of the act, so there is no act without its event and none for nothing.
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import type { StaffRole, StaffUser } from '../entities/staff-user'
import { redact } from '../log'
import { write } from '../transaction'

/** Every act there is an event for. */
export type AuditAction =
  | 'data.erase'
  | 'data.erase-child'
  | 'data.export'
  | 'delivery.settle'
  | 'import.end'
  | 'import.start'
  | 'key.create'
  | 'key.revoke'
  | 'lawful.approve'
  | 'lawful.hand-out'
  | 'lawful.record'
  | 'link.flag'
  | 'link.propose'
  | 'link.review'
  | 'newsletter.cancel'
  | 'newsletter.create'
  | 'newsletter.pause'
  | 'newsletter.resume'
  | 'newsletter.schedule'
  | 'newsletter.test'
  | 'newsletter.unschedule'
  | 'newsletter.update'
  | 'retention.run'
  | 'policy.draft'
  | 'policy.publish'
  | 'processor.agreement'
  | 'processor.erased'
  | 'processor.save'
  | 'processor.status'
  | 'purpose.save'
  | 'reader.object'
  | 'reader.read'
  | 'reader.restrict'
  | 'reader.unrestrict'
  | 'site.count-clicks'
  | 'site.release'
  | 'site.start'
  | 'site.stop'
  | 'staff.create'
  | 'staff.disable'
  | 'staff.enable'
  | 'staff.invite'
  | 'staff.login'
  | 'staff.password'
  | 'staff.recovery-code-used'
  | 'staff.recovery-codes'
  | 'staff.role'
  | 'staff.second-factor-off'
  | 'staff.second-factor-on'
  | 'staff.session-end'
  | 'suppression.add'
  | 'suppression.remove'
  | 'topic.refresh'
  | 'topic.save'

export interface Actor {
  name: string
  role: StaffRole
  requestId: string | null
}

/** Whoever may run the command line may do everything. */
export const operator: Actor = { name: 'operator', role: 'ADMIN', requestId: null }

export const staffActor = (
  { publicId, role }: Pick<StaffUser, 'publicId' | 'role'>,
  requestId: string,
): Actor => ({ name: `staff:${publicId}`, role, requestId })

const MAX_REASON = 500

/** Appends one event, at the database's time. Addresses in the reason are masked: events are kept for good. */
export async function audit(
  tx: EntityManager,
  { name, role, requestId }: Actor,
  action: AuditAction,
  target: string | null,
  reason: string | null = null,
): Promise<void> {
  const words = reason && redact(reason.trim()).slice(0, MAX_REASON)
  await write(
    tx,
    `INSERT INTO audit_event (public_id, at, actor, role, action, target, reason, request_id)
     VALUES (?, UTC_TIMESTAMP(3), ?, ?, ?, ?, ?, ?)`,
    [uuidv7(), name, role, action, target, words || null, requestId],
  )
}

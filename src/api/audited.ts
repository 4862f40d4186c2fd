// An act of staff and its audit event, in one transaction.
import type { EntityManager } from 'typeorm'
import { type Actor, type AuditAction, audit, staffActor } from '../consent/audit'
import { transaction } from '../transaction'
import type { ApiContext } from './context'

export interface AuditEntry {
  action: AuditAction
  /** Public id of what was changed. */
  target: string | null
  reason?: string | null
}

/** Runs the act and writes what `entriesOf` makes of its outcome; undefined or none means that nothing was changed. */
export function audited<Outcome>(
  context: ApiContext,
  act: (tx: EntityManager) => Promise<Outcome>,
  entriesOf: (outcome: Outcome) => AuditEntry | AuditEntry[] | undefined,
): Promise<Outcome> {
  const actor = actorOf(context)
  return transaction(context.db, async tx => {
    const outcome = await act(tx)
    for (const entry of [entriesOf(outcome) ?? []].flat())
      await audit(tx, actor, entry.action, entry.target, entry.reason)
    return outcome
  })
}

/** Who of staff sent this request. */
export function actorOf({ staff, requestId }: ApiContext): Actor {
  if (!staff) throw new Error('An act of staff without staff')
  return staffActor(staff, requestId)
}

// An act of staff and its audit event, in one transaction.
import type { EntityManager } from 'typeorm'
import { type Actor, type AuditAction, audit, staffActor } from '../consent/audit'
import { transaction } from '../transaction'
import type { ApiContext } from './context'

interface AuditEntry {
  action: AuditAction
  /** Public id of what was changed. */
  target: string | null
  reason?: string | null
}

/** Runs the act and writes what `entryOf` makes of its outcome; undefined means that nothing was changed. */
export function audited<Outcome>(
  context: ApiContext,
  act: (tx: EntityManager) => Promise<Outcome>,
  entryOf: (outcome: Outcome) => AuditEntry | undefined,
): Promise<Outcome> {
  const actor = actorOf(context)
  return transaction(context.db, async tx => {
    const outcome = await act(tx)
    const entry = entryOf(outcome)
    if (entry) await audit(tx, actor, entry.action, entry.target, entry.reason)
    return outcome
  })
}

function actorOf({ staff, requestId }: ApiContext): Actor {
  if (!staff) throw new Error('An act of staff without staff')
  return staffActor(staff, requestId)
}

// "This wasn't me": the pending registration is deleted, whoever asked for it.
import type { EntityManager } from 'typeorm'
import { Registration } from '../entities/registration'
import type { Keyring } from '../secrets/keyring'
import { readConfirmLink } from './confirm'

export type Denied = { kind: 'denied' } | { kind: 'invalid' } | { kind: 'already-confirmed' }

/** Deletes the request; repeating it answers the same. One already confirmed stays: leaving then is an unsubscribe. */
export async function deny(tx: EntityManager, keyring: Keyring, token: string): Promise<Denied> {
  const link = await readConfirmLink(tx, keyring, token, { mode: 'pessimistic_write' })
  if (link.kind === 'invalid') return { kind: 'invalid' }
  if (link.kind === 'gone') return { kind: 'denied' }
  const { registration } = link
  if (registration.confirmedAt) return { kind: 'already-confirmed' }
  await tx.delete(Registration, registration.id)
  return { kind: 'denied' }
}

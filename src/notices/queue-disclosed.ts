import type { EntityManager } from 'typeorm'
import type { Reader } from '../entities/reader'
import { queueNotice } from './queue-notice'

/** Queues the mail that tells a reader that their data was released to an authority; answers its id. */
export function queueDisclosed(tx: EntityManager, { addressHash, locale }: Reader): Promise<number> {
  if (!addressHash) throw new Error('An erased reader cannot be told')
  return queueNotice(tx, { kind: 'lawful-disclosure', addressHash, locale })
}

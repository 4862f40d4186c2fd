// A code by mail: the request's row and the notice that carries it, the same two writes for every address (I11).
import { randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { CODE_MINUTES, type CodeRequest } from '../consent/redeem-code'
import { ReaderCode } from '../entities/reader-code'
import type { Keyring } from '../secrets/keyring'
import { databaseTime } from '../transaction'
import { queueNotice } from './queue-notice'

/** Writes both. Returns the notice's id for the wake-up call; whether a mail goes is decided at its gate. */
export async function queueCode(
  tx: EntityManager,
  keyring: Keyring,
  request: CodeRequest & { locale: string },
): Promise<number> {
  const { purpose, addressHash, sessionId, locale } = request
  const noticeId = await queueNotice(tx, { kind: purpose, addressHash, locale })
  const now = await databaseTime(tx)
  await tx.insert(ReaderCode, {
    noticeId,
    purpose,
    reference: randomBytes(16),
    keyId: keyring.currentId,
    addressHash,
    sessionId,
    createdAt: now,
    expiresAt: new Date(now.getTime() + CODE_MINUTES * 60_000),
    usedAt: null,
  })
  return noticeId
}

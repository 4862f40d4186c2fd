// A refresh token is good once. One that comes a second time was stolen from one of the two who used it: both lose the session.
import type { EntityManager } from 'typeorm'
import { ReaderSession } from '../entities/reader-session'
import { hashToken } from '../secrets/opaque-token'
import { databaseTime } from '../transaction'
import { endOf, newTokens, type OpenedSession, readerOf } from './reader-sessions'

const REFRESH_TOKEN = /^([\w-]{43})\.[\w-]{43}$/

/** New tokens for old; undefined for a token that is unknown, run out, or used before, which ends its session. */
export async function refreshSession(
  tx: EntityManager,
  refreshToken: string,
): Promise<OpenedSession | undefined> {
  const family = REFRESH_TOKEN.exec(refreshToken)?.[1]
  if (!family) return undefined
  const where = { familyHash: hashToken(family) }
  const session = await tx.findOne(ReaderSession, { where, lock: { mode: 'pessimistic_write' } })
  if (!session) return undefined
  const now = await databaseTime(tx)
  const isCurrent = session.refreshHash?.equals(hashToken(refreshToken)) && session.expiresAt > now
  if (!isCurrent || !(await readerOf(tx, session))) {
    await tx.delete(ReaderSession, session.id)
    return undefined
  }
  const { columns, ...tokens } = newTokens(session.transport, family, now)
  const expiresAt = endOf(session.transport, session.createdAt, now)
  Object.assign(session, columns, { lastUsedAt: now, expiresAt })
  await tx.save(session)
  return { session, ...tokens }
}

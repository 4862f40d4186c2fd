// Log-ins of readers: opening, finding, ending. Opaque ids, a hash in the database, nothing that outlives its row.
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { Reader } from '../entities/reader'
import { ReaderSession } from '../entities/reader-session'
import { SessionTransport } from '../entities/session-transport'
import { hashToken, randomToken } from '../secrets/opaque-token'
import { databaseTime, write } from '../transaction'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** DESIGN §6. */
const ACCESS_MS = 15 * MINUTE
export const COOKIE_DAYS = 14
export const LONGEST_SESSION_DAYS = 180
/** Unused for `idle`, or after `absolute` whatever happens, a session is over. A browser may be shared, an app is not. */
const LIMITS = {
  [SessionTransport.COOKIE]: { idle: DAY, absolute: COOKIE_DAYS * DAY },
  [SessionTransport.BEARER]: { idle: 30 * DAY, absolute: LONGEST_SESSION_DAYS * DAY },
}
/** More log-ins of one reader than these end the one that was not used for longest. */
const MAX_SESSIONS = 20

export interface OpenedSession {
  session: ReaderSession
  /** The cookie's value, or the access token. */
  token: string
  /** Of a BEARER session. */
  refreshToken: string | undefined
}

export interface WantedSession {
  transport: SessionTransport
  device: string | null
  /** The cookie this browser had before: its session ends. */
  replaces?: string
}

/** Opens a session for the reader whose address was just proved. */
export async function openSession(
  tx: EntityManager,
  reader: Reader,
  { transport, device, replaces }: WantedSession,
): Promise<OpenedSession> {
  if (!reader.addressHash) throw new Error('An erased reader cannot log in')
  if (replaces) await tx.delete(ReaderSession, { tokenHash: hashToken(replaces) })
  const now = await databaseTime(tx)
  const family = transport === SessionTransport.BEARER ? randomToken() : undefined
  const { columns, ...tokens } = newTokens(transport, family, now)
  const session = tx.create(ReaderSession, {
    ...columns,
    publicId: uuidv7(),
    readerId: reader.id,
    addressHash: reader.addressHash,
    transport,
    familyHash: family ? hashToken(family) : null,
    device,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: endOf(transport, now, now),
    provenAt: null,
    provenBy: null,
  })
  await tx.save(session)
  await endSurplus(tx, reader.id)
  return { session, ...tokens }
}

/** Fresh tokens with the columns that remember them. A refresh token is FAMILY.SECRET. */
export function newTokens(transport: SessionTransport, family: string | undefined, now: Date) {
  const token = randomToken()
  const refreshToken = family && `${family}.${randomToken()}`
  const isBearer = transport === SessionTransport.BEARER
  return {
    token,
    refreshToken,
    columns: {
      tokenHash: hashToken(token),
      tokenExpiresAt: isBearer ? new Date(now.getTime() + ACCESS_MS) : null,
      refreshHash: refreshToken ? hashToken(refreshToken) : null,
    },
  }
}

/** When a session used at `usedAt` ends unless it is used again. */
export function endOf(transport: SessionTransport, createdAt: Date, usedAt: Date): Date {
  const { idle, absolute } = LIMITS[transport]
  return new Date(Math.min(usedAt.getTime() + idle, createdAt.getTime() + absolute))
}

const endSurplus = (tx: EntityManager, readerId: number): Promise<number> =>
  write(
    tx,
    `DELETE FROM reader_session WHERE reader_id = ? AND id NOT IN (
       SELECT id FROM (SELECT id FROM reader_session WHERE reader_id = ? ORDER BY last_used_at DESC, id DESC LIMIT ?) AS kept)`,
    [readerId, readerId, MAX_SESSIONS],
  )

/**
 * The session behind a cookie or access token and its reader; undefined once it ended, ran out, or the reader was erased
 * or changed address. Changes nothing.
 */
export const findSession = (db: EntityManager, transport: SessionTransport, token: string) =>
  findOpenSession(db, { transport, tokenHash: hashToken(token) })

/** The same for a session that was found before: whether it still stands, with the same token. */
export async function findOpenSession(
  db: EntityManager,
  { transport, tokenHash }: Pick<ReaderSession, 'transport' | 'tokenHash'>,
): Promise<{ reader: Reader; session: ReaderSession } | undefined> {
  const session = await db
    .createQueryBuilder(ReaderSession, 'session')
    .where('session.tokenHash = :tokenHash AND session.transport = :transport')
    .andWhere('session.expiresAt > UTC_TIMESTAMP(3)')
    .andWhere('(session.tokenExpiresAt IS NULL OR session.tokenExpiresAt > UTC_TIMESTAMP(3))')
    .setParameters({ tokenHash, transport })
    .getOne()
  const reader = session && (await readerOf(db, session))
  if (!session || !reader) return undefined
  return { reader, session }
}

/** Whose session it is; null when that person has gone or has another address now. */
export const readerOf = (
  db: EntityManager,
  { readerId, addressHash }: ReaderSession,
): Promise<Reader | null> => db.findOneBy(Reader, { id: readerId, addressHash })

/** Starts a cookie's idle time anew (an app's does when it refreshes): at most one write a minute, however many requests. */
export async function keepAlive(db: EntityManager, session: ReaderSession): Promise<void> {
  const now = await databaseTime(db)
  if (now.getTime() - session.lastUsedAt.getTime() < MINUTE) return
  const used = { lastUsedAt: now, expiresAt: endOf(session.transport, session.createdAt, now) }
  await db.update(ReaderSession, session.id, used)
  Object.assign(session, used)
}

/** Ends one of the reader's own sessions; false when there is none with this id. */
export async function endSession(tx: EntityManager, readerId: number, publicId: string): Promise<boolean> {
  const { affected } = await tx.delete(ReaderSession, { readerId, publicId })
  return affected === 1
}

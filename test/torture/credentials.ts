// What readers hold before they leave by doors that ask for more than a link: log-ins by the thousand, and links that ask to renew.
import { randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { newTokens } from '../../src/consent/reader-sessions'
import { ReaderSession } from '../../src/entities/reader-session'
import { Renewal } from '../../src/entities/renewal'
import { SessionTransport } from '../../src/entities/session-transport'
import { insertRows } from '../../src/insert-rows'
import { makeToken } from '../../src/secrets/token'
import type { KnownReader } from '../support/bulk-readers'
import { type DoorName, doorOf, type Need } from './doors'
import type { Rig } from './rig'

const ROWS_AT_ONCE = 1_000
const HOUR = 3_600_000

/** Writes what the door of each reader needs; answers what the reader sends, by the reader's id. */
export async function handOut(
  rig: Rig,
  doorsOf: ReadonlyMap<KnownReader, DoorName>,
): Promise<Map<number, string>> {
  const { manager } = rig.product.connections.db
  const keys = new Map<number, string>()
  const sessions: Partial<ReaderSession>[] = []
  const renewals: Partial<Renewal>[] = []
  for (const [reader, name] of doorsOf) {
    const { needs } = doorOf(name)
    if (needs === undefined) continue
    const { key, ...made } = needs === 'renewal' ? renewal(rig, reader) : session(reader, needs)
    keys.set(reader.id, key)
    if ('session' in made) sessions.push(made.session)
    else renewals.push(made.renewal)
  }
  for (const rows of parts(sessions)) await insertRows(manager, ReaderSession, rows)
  for (const rows of parts(renewals)) await insertRows(manager, Renewal, rows)
  return keys
}

function session(reader: KnownReader, needs: Exclude<Need, 'renewal'>) {
  const isCookie = needs.endsWith('cookie')
  const transport = isCookie ? SessionTransport.COOKIE : SessionTransport.BEARER
  const now = new Date()
  const family = isCookie ? undefined : randomBytes(32).toString('base64url')
  const { token, columns } = newTokens(transport, family, now)
  const isProved = needs.startsWith('proved')
  return {
    key: isCookie ? `weinterrupt-reader=${token}` : token,
    session: {
      ...columns,
      publicId: uuidv7(),
      readerId: reader.id,
      addressHash: reader.addressHash ?? undefined,
      transport,
      familyHash: isCookie ? null : randomBytes(32),
      device: null,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: new Date(now.getTime() + HOUR),
      provenAt: isProved ? now : null,
      provenBy: isProved ? randomBytes(32) : null,
    },
  }
}

function renewal(rig: Rig, reader: KnownReader) {
  const { keyring } = rig.product.connections
  const reference = randomBytes(16)
  return {
    key: makeToken(keyring, 'renew', reference),
    renewal: {
      reference,
      keyId: keyring.currentId,
      readerId: reader.id,
      reason: 'POLICY' as const,
      occasion: 1,
      noticeId: null,
      createdAt: new Date(),
    },
  }
}

const parts = <Row>(rows: readonly Row[]): Row[][] =>
  Array.from({ length: Math.ceil(rows.length / ROWS_AT_ONCE) }, (_, n) =>
    rows.slice(n * ROWS_AT_ONCE, (n + 1) * ROWS_AT_ONCE),
  )

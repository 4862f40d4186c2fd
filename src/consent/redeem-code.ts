// Mailed codes and log-in links: good once, for half an hour, and a code for a few tries.
import { createHash } from 'node:crypto'
import { type EntityManager, In } from 'typeorm'
import { Notice } from '../entities/notice'
import { type CodePurpose, ReaderCode } from '../entities/reader-code'
import { codeFor, isCode } from '../secrets/code'
import type { Keyring } from '../secrets/keyring'
import { readToken } from '../secrets/token'
import { databaseTime, select, write } from '../transaction'

/** DESIGN §6. */
export const CODE_MINUTES = 30
/** With 10 mails a day (notice gate) at most 50 guesses a day in a million. The link in the same mail has no such limit. */
const MAX_TRIES = 5

const OUT = ['sending', 'sent', 'unknown'] as const

export interface CodeRequest {
  purpose: CodePurpose
  addressHash: Buffer
  /** Of a proof: the session that asked. */
  sessionId: number | null
}

/**
 * Uses up the code of the newest mailed request and answers its fingerprint; undefined: it is not that code. Every guess counts against that one request, whether or not the
 * address is known and a mail went out, so that neither answer nor time tells (I11).
 */
export async function redeemCode(
  tx: EntityManager,
  keyring: Keyring,
  request: CodeRequest,
  typed: string,
): Promise<Buffer | undefined> {
  const noticeId = await newestRequest(tx, request)
  const code =
    noticeId === undefined
      ? null
      : await tx.findOne(ReaderCode, { where: { noticeId }, lock: { mode: 'pessimistic_write' } })
  if (!code) return undefined
  // Counted before it is compared: guesses that come at the same moment wait for each other here.
  await write(tx, 'UPDATE reader_code SET tries = LEAST(tries + 1, 200) WHERE notice_id = ?', [code.noticeId])
  const right = codeFor(keyring, code.keyId, code.purpose, code.reference)
  const isRight = right !== undefined && isCode(typed, right)
  const wasMailed = await tx.existsBy(Notice, { id: code.noticeId, state: In(OUT) })
  if (!isRight || !wasMailed || code.usedAt || code.tries >= MAX_TRIES) return undefined
  await tx.update(ReaderCode, code.noticeId, { usedAt: await databaseTime(tx) })
  return createHash('sha256').update(code.reference).digest()
}

/** A request whose mail was held back by a budget does not replace one that arrived. */
async function newestRequest(tx: EntityManager, request: CodeRequest): Promise<number | undefined> {
  const { addressHash, purpose, sessionId } = request
  const [row] = await select<{ id: number }>(
    tx,
    `SELECT n.id FROM reader_code c JOIN notice n ON n.id = c.notice_id
     WHERE c.address_hash = ? AND c.purpose = ? AND c.session_id <=> ? AND c.expires_at > UTC_TIMESTAMP(3)
     ORDER BY n.state IN (?) DESC, n.id DESC LIMIT 1`,
    [addressHash, purpose, sessionId, OUT],
  )
  return row?.id
}

export type LoginLink =
  | { kind: 'open'; code: ReaderCode }
  /** Run out, and perhaps forgotten since. */
  | { kind: 'expired' }
  | { kind: 'used' }
  | { kind: 'invalid' }

/** What a log-in link stands for; changes nothing. */
export async function readLoginLink(
  db: EntityManager,
  keyring: Keyring,
  token: string,
  lock?: { mode: 'pessimistic_write' },
): Promise<LoginLink> {
  const reference = readToken(keyring, 'login', token)
  if (!reference) return { kind: 'invalid' }
  const code = await db.findOne(ReaderCode, { where: { reference }, lock })
  if (!code || code.expiresAt <= (await databaseTime(db))) return { kind: 'expired' }
  return code.usedAt ? { kind: 'used' } : { kind: 'open', code }
}

/** Uses up the link, and with it the code of the same mail. */
export async function redeemLoginLink(
  tx: EntityManager,
  keyring: Keyring,
  token: string,
): Promise<LoginLink> {
  const link = await readLoginLink(tx, keyring, token, { mode: 'pessimistic_write' })
  if (link.kind === 'open')
    await tx.update(ReaderCode, link.code.noticeId, { usedAt: await databaseTime(tx) })
  return link
}

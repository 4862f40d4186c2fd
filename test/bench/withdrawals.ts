// Readers who leave while the newsletter goes out: at a steady pace, whatever the system does (an open loop).
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { withdrawAtOnce } from '../../src/consent/withdraw'
import { ConsentMethod, ConsentSurface } from '../../src/entities/consent-event'
import { message } from '../../src/messages'
import { joinReference } from '../../src/secrets/mail-reference'
import { makeToken } from '../../src/secrets/token'
import { select } from '../../src/transaction'
import type { Site } from './site'

export interface Withdrawn {
  readerId: number
  /** From asking to the whole answer. */
  ms: number
  /** By this machine's clock, which is also the database's. */
  answeredAt: number
  /** The answer named the newsletter as already past its gate. */
  isNamed: boolean
}

/** One withdrawal; answers whether the newsletter was named. */
export type Leave = (readerId: number) => Promise<boolean>

/** The verb behind the one-click door, in a process that is not the worker. */
export const byVerb =
  ({ connections: { packets, db } }: Site, newsletterId: number, purposeId: number): Leave =>
  async readerId => {
    const { alreadyPassed } = await withdrawAtOnce(packets, db, {
      readerId,
      scope: { purposeId },
      surface: ConsentSurface.ONE_CLICK_HEADER,
      method: ConsentMethod.ONE_CLICK,
      newsletterId,
    })
    return alreadyPassed.length > 0
  }

/** The one-click door (RFC 8058): POST /u/TOKEN, as mail programs send it. The tokens are made before. */
export async function byDoor(site: Site, newsletterId: number, readerIds: readonly number[]): Promise<Leave> {
  // Connections that are idle are given up long before the API does.
  const agent = new Agent({ keepAlive: true, maxSockets: 128, timeout: 3000 })
  const named = message('en', 'stop.done.passed', { count: 1 })
  const tokens = await tokensOf(site, newsletterId, readerIds)
  return async readerId => {
    const url = `${site.url}/u/${tokens.get(readerId)}`
    const { status, body } = await post(agent, url, 'List-Unsubscribe=One-Click')
    if (status !== 200) throw new Error(`A withdrawal was answered with ${status}`)
    return body.includes(named)
  }
}

async function tokensOf(
  { connections: { db, keyring } }: Site,
  newsletterId: number,
  readerIds: readonly number[],
): Promise<Map<number, string>> {
  const rows = await select<{ id: number; newsletter: Buffer; reader: Buffer }>(
    db.manager,
    `SELECT r.id, n.reference AS newsletter, r.reference AS reader FROM newsletter n JOIN reader r ON r.id IN (?)
     WHERE n.id = ?`,
    [readerIds, newsletterId],
  )
  const token = (newsletter: Buffer, reader: Buffer) =>
    makeToken(keyring, 'unsubscribe', joinReference(newsletter, reader))
  return new Map(rows.map(({ id, newsletter, reader }) => [id, token(newsletter, reader)]))
}

const post = (
  agent: Agent,
  url: string,
  body: string,
): Promise<{ status: number | undefined; body: string }> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
    const sent = request(url, { method: 'POST', agent, headers }, response => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({ status: response.statusCode, body: Buffer.concat(parts).toString() }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })

/** Starts one withdrawal after the other at the pace until all have left or `isOver`; answers when each is answered. */
export async function leaveOneByOne(
  readerIds: readonly number[],
  perSecond: number,
  leave: Leave,
  isOver: () => boolean,
): Promise<Withdrawn[]> {
  const started = performance.now()
  const answers: Promise<Withdrawn>[] = []
  for (const [index, readerId] of readerIds.entries()) {
    const due = started + (index * 1000) / perSecond
    await sleep(Math.max(0, due - performance.now()))
    if (isOver()) break
    const asked = performance.now()
    answers.push(
      leave(readerId).then(isNamed => {
        const ms = performance.now() - asked
        return { readerId, isNamed, ms, answeredAt: Date.now() }
      }),
    )
    answers.at(-1)?.catch(() => {}) // awaited below
  }
  return Promise.all(answers)
}

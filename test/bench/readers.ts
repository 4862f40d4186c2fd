// Readers of a run, made as `weinterrupt seed` makes them: sealed addresses, full consent chains, 64 domains.
import { randomBytes } from 'node:crypto'
import { insertReaders, type ReaderPlan } from '../../src/cli/bulk-readers'
import { askedAndGiven, shownWords, signUpEvidence } from '../../src/cli/consent-history'
import { topicPurposeKey } from '../../src/consent/purposes'
import { parseAddress } from '../../src/mail/address'
import { addressHash } from '../../src/secrets/address-hash'
import { select } from '../../src/transaction'
import { makeTopic } from '../support/actors'
import { say } from './processes'
import type { Site } from './site'

const DOMAINS = 64

export interface Audience {
  topicId: string
  purposeId: number
  count: number
  /** Address of the n-th reader, from 0 on. */
  address(n: number): string
}

let topics = 0

/** A new topic with `count` readers of its own, so that no earlier newsletter counts against a cap. */
export async function makeAudience(site: Site, count: number): Promise<Audience> {
  const { db, keyring } = site.connections
  const slug = `bench-${++topics}`
  const topic = await makeTopic(site.product, site.admin, slug)
  const shown = (await shownWords(db.manager, 'en', site.config.locales)).get(topicPurposeKey(slug))
  if (!shown) throw new Error(`Topic ${slug} has no words`)
  const run = randomBytes(4).toString('hex')
  const address = (n: number) => `reader-${n}-${run}@inbox${(n % DOMAINS) + 1}.example.org`
  const givenAt = new Date(Date.now() - 3_600_000)
  const askedAt = new Date(givenAt.getTime() - 300_000)
  function* plans(): Generator<ReaderPlan> {
    for (let n = 0; n < count; n++)
      yield {
        email: address(n),
        name: null,
        locale: 'en',
        timeZone: null,
        confirmedAt: givenAt,
        facts: askedAndGiven(
          shown as NonNullable<typeof shown>,
          { askedAt, givenAt },
          signUpEvidence('en', 13),
        ),
      }
  }
  await insertReaders(db, keyring, plans(), made => {
    if (made % 100_000 === 0) say(`  ${made} readers`)
  })
  return { topicId: topic.id, purposeId: shown.purposeId, count, address }
}

/** The id of every reader of the audience by address hash (hex): found the way the product finds an address. */
export async function idsByAddress(site: Site, audience: Audience): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  const page = 20_000
  for (let last = 0; ; ) {
    const rows = await select<{ id: number; hash: string }>(
      site.connections.db.manager,
      `SELECT r.id, LOWER(HEX(r.address_hash)) AS hash FROM consent c JOIN reader r ON r.id = c.reader_id
       WHERE c.purpose_id = ? AND c.reader_id > ? ORDER BY c.reader_id LIMIT ?`,
      [audience.purposeId, last, page],
    )
    for (const { id, hash } of rows) ids.set(hash, id)
    const end = rows.at(-1)
    if (!end || rows.length < page) return ids
    last = end.id
  }
}

export const hashOf = (site: Site, email: string): string =>
  addressHash(site.connections.keyring, parseAddress(email)?.canonical ?? email).toString('hex')

import { randomBytes } from 'node:crypto'
import type { DataSource } from 'typeorm'
import type { Config } from '../config'
import { siteLocales, siteOf } from '../consent/first-start'
import { topicPurposeKey } from '../consent/purposes'
import { Topic } from '../entities/topic'
import { createKeyring } from '../secrets/keyring'
import { select, transaction } from '../transaction'
import { insertReaders, type ReaderPlan } from './bulk-readers'
import { askedAndGiven, type Shown, shownWords, signUpEvidence } from './consent-history'
import { createTopic } from './create-topic'
import { Problem } from './problem'
import { isReservedDomain } from './reserved-domain'
import { withDatabase } from './with-database'

const MAX_READERS = 10_000_000
/** Enough for what is paced per domain to be seen. */
const DOMAINS = 64
/** Also the list part of the mails' headers. */
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/

/** Makes confirmed readers of one topic; refused where anybody real could be among the readers. */
export async function seedCommand(options: { readers: string; topic: string }): Promise<void> {
  const count = Number(options.readers)
  if (!/^\d+$/.test(options.readers) || count < 1 || count > MAX_READERS)
    throw new Problem(`--readers must be a whole number from 1 to ${MAX_READERS}.`)
  const slug = options.topic
  if (!SLUG.test(slug))
    throw new Problem('--topic must be lower-case letters, digits and hyphens, at most 60.')
  await withDatabase(async (db, config) => {
    await refuseRealReaders(db)
    const shown = await shownTopic(db, slug)
    const started = performance.now()
    await insertReaders(
      db,
      createKeyring(config.secretKeys, config.addressKey),
      plans(count, shown, config),
      showCount,
    )
    const seconds = (performance.now() - started) / 1000
    if (process.stderr.isTTY) process.stderr.write('\r')
    const rate = Math.round(count / seconds).toLocaleString('en')
    console.log(`Made ${count} readers of topic ${slug} in ${seconds.toFixed(1)} s (${rate} a second).`)
  })
}

async function refuseRealReaders(db: DataSource): Promise<void> {
  const rows = await select<{ domain: string; count: number }>(
    db.manager,
    'SELECT domain, COUNT(*) AS count FROM reader GROUP BY domain',
  )
  const real = rows.filter(row => !isReservedDomain(row.domain))
  const people = real.reduce((sum, row) => sum + Number(row.count), 0)
  if (people > 0)
    throw new Problem(
      `This database has ${people} real reader${people === 1 ? '' : 's'} (outside the reserved example domains): trial readers do not belong here.`,
    )
}

async function shownTopic(db: DataSource, slug: string): Promise<Shown> {
  const locales = siteLocales(await siteOf(db.manager))
  if (!(await db.manager.existsBy(Topic, { slug }))) {
    const words = locales.map(locale => ({
      locale,
      title: slug,
      description: 'Readers made for trials and load tests.',
      cadence: null,
    }))
    await transaction(db, tx => createTopic(tx, { slug, maxIssues: 1000, perDays: 1, words }))
  }
  const shown = (await shownWords(db.manager, locales[0] ?? 'en', locales)).get(topicPurposeKey(slug))
  if (!shown) throw new Error(`Topic ${slug} has no words`)
  return shown
}

function* plans(count: number, shown: Shown, config: Config): Generator<ReaderPlan> {
  // Another run makes other addresses.
  const run = randomBytes(4).toString('hex')
  const locale = config.locales[0] ?? 'en'
  const givenAt = new Date()
  const askedAt = new Date(givenAt.getTime() - 5 * 60_000)
  for (let n = 1; n <= count; n++) {
    const evidence = signUpEvidence(locale, config.minimumAge)
    yield {
      email: `reader-${n}-${run}@inbox${(n % DOMAINS) + 1}.example.org`,
      name: null,
      locale,
      timeZone: null,
      confirmedAt: givenAt,
      facts: askedAndGiven(shown, { askedAt, givenAt }, evidence),
    }
  }
}

function showCount(count: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${count} readers `)
}

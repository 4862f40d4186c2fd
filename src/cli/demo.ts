// The demo: an empty local site gets a life, sends real mail to the local mailbox, and proves that every reader is accounted for.
import type { DataSource } from 'typeorm'
import { ownOrigin } from '../api/own-origin'
import type { Config } from '../config'
import { createStaff, randomPassword } from '../consent/staff'
import { Newsletter, NewsletterStatus } from '../entities/newsletter'
import { Reader } from '../entities/reader'
import { parseAddress } from '../mail/address'
import { findPromises, inWords } from '../privacy/promises/all'
import { createKeyring, type Keyring } from '../secrets/keyring'
import { transaction } from '../transaction'
import { createTopic } from './create-topic'
import { runDemo } from './demo-act'
import { createDemoMailbox } from './demo-mailbox'
import { insertDemoReaders } from './demo-readers'
import { printUrls } from './demo-report'
import { insertDemoStatistics } from './demo-statistics'
import { createLetters } from './demo-third-party'
import { demoTopics } from './demo-topics'
import { Problem } from './problem'
import { printPromises } from './promises'
import { withDatabase } from './with-database'

const ADMIN = { email: 'admin@weinterrupt.example', name: 'Demo Admin' }
/** What one alone may not decide. */
const SECOND = { email: 'second@weinterrupt.example', name: 'Second Demo Admin' }

/**
 * Runs once on an empty database; ends with 1 if one figure does not add up or one promise does not hold. Afterwards it
 * only tells the addresses.
 */
export function demoCommand(): Promise<void> {
  return withDatabase(async (db, config) => {
    if (!config.local || !config.mailboxUrl)
      throw new Problem('The demo exists only in local mode: unset DATABASE_URL, REDIS_URL and SMTP_URL.')
    if (await isUsed(db)) return tellAddresses(db, config)
    const keyring = createKeyring(config.secretKeys, config.addressKey)
    await prepare(db, keyring, config)
    const admin = await createAdmin(db, keyring, ADMIN)
    const second = await createAdmin(db, keyring, SECOND)
    const mailbox = createDemoMailbox(config.mailboxUrl)
    const isProven = await runDemo({ db: db.manager, keyring, config, mailbox, admin, second })
    const promises = inWords('en', await findPromises({ db, config, origin: ownOrigin(config) }))
    printPromises(promises)
    if (!isProven || promises.some(({ holds }) => !holds)) process.exitCode = 1
  })
}

const isUsed = async (db: DataSource): Promise<boolean> =>
  (await db.manager.existsBy(Reader, {})) || (await db.manager.existsBy(Newsletter, {}))

async function tellAddresses(db: DataSource, config: Config): Promise<void> {
  const wasSent = await db.manager.existsBy(Newsletter, { status: NewsletterStatus.SENT })
  console.log(
    wasSent
      ? '\nThe demo newsletter was sent on an earlier start; this site goes on from there.'
      : '\nThis site has been used before, so no demo is sent.',
  )
  console.log('To log in: npx weinterrupt staff create --email you@example.org --name You --role ADMIN')
  printUrls(config)
}

/** Topics, policy, readers and what was counted. */
async function prepare(db: DataSource, keyring: Keyring, config: Config): Promise<void> {
  const started = performance.now()
  await transaction(db, async tx => {
    for (const { words, ...topic } of demoTopics)
      await createTopic(tx, {
        ...topic,
        words: (['en', 'de'] as const)
          .filter(locale => config.locales.includes(locale))
          .map(locale => ({ locale, title: words[locale].name, ...words[locale] })),
      })
  })
  await transaction(db, tx => createLetters(tx, config.locales))
  const people = await insertDemoReaders(db, keyring, config)
  await transaction(db, tx => insertDemoStatistics(tx, config.locales))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `\nA site with ${demoTopics.length} topics, 2 policy versions and ${people.toLocaleString('en')} people (${seconds} s).`,
  )
}

/** With a random password, which it returns. */
async function createAdmin(db: DataSource, keyring: Keyring, { email, name }: typeof ADMIN) {
  const password = randomPassword()
  const address = parseAddress(email)
  if (!address) throw new Error('The demo admin has no valid address')
  await transaction(db, tx => createStaff(tx, keyring, { address, name, role: 'ADMIN', password }))
  return { email, password }
}

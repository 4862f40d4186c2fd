// The demo's story in its order. Everything goes through the doors any client has; the database is only read, to check.
import type { EntityManager } from 'typeorm'
import { ownOrigin } from '../api/own-origin'
import type { Config } from '../config'
import { SkipReason } from '../entities/delivery'
import { addressHash } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'
import { select } from '../transaction'
import { answerCourt, type DemoAdmin } from './demo-authority'
import { type Check, checkNewsletter } from './demo-checks'
import { listLibrary } from './demo-directory'
import { type DemoIssue, jobsIssue, nextJobsIssue, weeklyIssue } from './demo-issues'
import type { DemoMailbox, OpenedMail, ReceivedMail } from './demo-mailbox'
import { type Checked, printChecks, printFigures, printUrls } from './demo-report'
import { type SentNewsletter, sendIssue } from './demo-send'
import { oneClick, signUp, storyReader, unsubscribePath } from './demo-story'
import { passOnLetters } from './demo-third-party'
import { type Ask, createClient } from './graphql-client'

export interface DemoSetting {
  db: EntityManager
  keyring: Keyring
  config: Config
  mailbox: DemoMailbox
  admin: DemoLogin
  /** The second person. */
  second: DemoLogin
}

interface DemoLogin {
  email: string
  password: string
}

const LOGIN = `mutation ($input: StaffLoginInput!) {
  staffLogin(input: $input) { tokens { accessToken } userErrors { code message field } }
}`
const TOPIC = `query ($slug: String!) { topic(slug: $slug) { id } }`

/** Plays it, prints the report; true when every check holds. */
export async function runDemo(setting: DemoSetting): Promise<boolean> {
  const { db, config, mailbox } = setting
  const api = ownOrigin(config)
  const firstMail = Number((await mailbox.list())[0]?.id ?? 0)
  console.log(`\n${storyReader.name} signs up`)
  await signUp(db, api, mailbox)
  const first = await logIn(setting.admin, api)
  const { ask } = first
  const weekly = await announce(setting, ask, weeklyIssue)
  const weeklyMail = await receive(mailbox, weeklyIssue)
  const jobs = await announce(setting, ask, jobsIssue)
  await oneClick(api, await receive(mailbox, jobsIssue))
  const next = await announce(setting, ask, nextJobsIssue)
  const passed = await passOnLetters(`${api}/graphql/staff`, ask)
  console.log(
    `\nDemo Letter Shop, under an agreement, was given the ${passed} readers who said yes to a letter`,
  )
  const second = await logIn(setting.second, api)
  await answerCourt(api, config.siteName, mailbox, { first, second })
  await listLibrary(api, ask, second.ask)
  const newsletters = [weekly, jobs, next]
  const received = await mailbox.receivedAfter(firstMail)
  await printFigures(db, newsletters)
  const isProven = await prove(setting, newsletters, received)
  printUrls(config, [
    ['A received mail', weeklyMail.url],
    ['Its unsubscribe page', `${api}${unsubscribePath(weeklyMail)}`],
  ])
  for (const [label, { email, password }] of [
    ['Demo admin', setting.admin],
    ['A second one', setting.second],
  ] as const)
    console.log(`  ${label.padEnd(25)}${email}   ${password}`)
  return isProven
}

async function logIn(admin: DemoLogin, api: string): Promise<DemoAdmin> {
  const url = `${api}/graphql/staff`
  const { staffLogin } = await createClient(url)<{ staffLogin: { tokens: { accessToken: string } } }>(LOGIN, {
    input: { ...admin, transport: 'BEARER' },
  })
  const { accessToken } = staffLogin.tokens
  return { ask: createClient(url, accessToken), accessToken }
}

async function announce({ config }: DemoSetting, ask: Ask, issue: DemoIssue): Promise<SentNewsletter> {
  const contents = issue.contents.filter(content => config.locales.includes(content.locale))
  console.log(`\n${issue.title}: ${contents[0]?.subject}`)
  const { topic } = await ask<{ topic: { id: string } }>(TOPIC, { slug: issue.topicSlug })
  return sendIssue(ask, topic.id, { ...issue, contents })
}

async function receive(mailbox: DemoMailbox, issue: DemoIssue): Promise<OpenedMail> {
  const subjects = issue.contents.map(content => content.subject)
  const mail = await mailbox.waitFor(storyReader.email, one => subjects.includes(one.subject))
  console.log(`  ${storyReader.name} got it: ${mail.url}`)
  return mail
}

async function prove(
  setting: DemoSetting,
  newsletters: readonly SentNewsletter[],
  received: readonly ReceivedMail[],
): Promise<boolean> {
  const checked: Checked[] = []
  for (const { title, ...newsletter } of newsletters) {
    const checks = await checkNewsletter(setting.db, setting.keyring, { title, ...newsletter }, received)
    checked.push(...checks.map(check => ({ title, check })))
  }
  for (const newsletter of newsletters.slice(-1))
    checked.push({ title: newsletter.title, check: await silence(setting, newsletter, received) })
  return printChecks(checked)
}

/** After the one click: skipped for the right reason, and nothing arrived. */
async function silence(
  { db, keyring }: DemoSetting,
  newsletter: SentNewsletter,
  received: readonly ReceivedMail[],
): Promise<Check> {
  const [row] = await select<{ status: string; reason: string | null }>(
    db,
    `SELECT d.status, d.skip_reason AS reason FROM delivery d JOIN reader r ON r.id = d.reader_id
       JOIN newsletter n ON n.id = d.newsletter_id
     WHERE n.public_id = ? AND r.address_hash = ?`,
    [newsletter.id, addressHash(keyring, storyReader.email)],
  )
  const mails = received.filter(mail => mail.to === storyReader.email && mail.newsletterId === newsletter.id)
  return {
    rule: `${storyReader.name} pressed "Unsubscribe": {n} mails of ${newsletter.title}, skipped as CONSENT_WITHDRAWN`,
    figure: mails.length,
    holds: mails.length === 0 && row?.reason === SkipReason.CONSENT_WITHDRAWN,
    found: `${mails.length} mails, ${row?.status ?? 'no delivery'} ${row?.reason ?? ''}`,
  }
}

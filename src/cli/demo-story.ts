// One reader goes the whole way through the real doors: age, sign-up, mail, button, newsletter, one click, silence.
import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { PERSONALISATION_KEY, topicPurposeKey } from '../consent/purposes'
import { ConsentEvent } from '../entities/consent-event'
import { Reader } from '../entities/reader'
import type { DemoMailbox, OpenedMail } from './demo-mailbox'
import { type Ask, createClient } from './graphql-client'
import { Problem } from './problem'

export const storyReader = { name: 'Mira', email: 'mira.lund@home3.example.org', locale: 'en' }

const SITE = `query { site { policy { version } purposes { key version } } }`
const AGE = `mutation ($birthMonth: String!) { ageCheck(birthMonth: $birthMonth) { agePass userErrors { code message field } } }`
const REGISTER = `mutation ($input: RegisterInput!) { readerRegister(input: $input) { accepted userErrors { code message field } } }`

interface SiteAnswer {
  site: { policy: { version: string }; purposes: { key: string; version: number }[] }
}

/** Signs up for two topics and confirms by the mailed link; checks on the way that looking at the link does nothing. */
export async function signUp(db: EntityManager, api: string, mailbox: DemoMailbox): Promise<void> {
  await register(createClient(`${api}/graphql`))
  console.log(`  ${storyReader.name} passed the age question and asked for Weekly and Jobs.`)
  const mail = await mailbox.waitFor(storyReader.email, () => true)
  console.log(`  The confirmation mail arrived: ${mail.url}`)
  const path = /\/c\/[a-z2-7]+/.exec(mail.text)?.[0]
  if (!path) throw new Problem('The confirmation mail has no link.')
  const before = await consentSize(db)
  await mustAnswer200(await fetch(`${api}${path}`, { redirect: 'manual' }), 'GET of the confirm link')
  if ((await consentSize(db)) !== before) throw new Problem('Looking at the confirm link changed something.')
  await mustAnswer200(await postForm(`${api}${path}`, ''), 'POST to the confirm link')
  if ((await consentSize(db)) === before) throw new Problem('The button of the confirm page changed nothing.')
  console.log('  Looking at its link changed nothing; pressing the button did.')
}

async function register(ask: Ask): Promise<void> {
  const { site } = await ask<SiteAnswer>(SITE)
  const { ageCheck } = await ask<{ ageCheck: { agePass: string } }>(AGE, { birthMonth: '1988-04' })
  const yes = [topicPurposeKey('weekly'), topicPurposeKey('jobs'), PERSONALISATION_KEY]
  await ask(REGISTER, {
    input: {
      ...storyReader,
      agePass: ageCheck.agePass,
      policyVersion: site.policy.version,
      decisions: site.purposes.map(({ key, version }) => ({
        purposeKey: key,
        purposeVersion: version,
        granted: yes.includes(key),
      })),
      surface: 'WEB_FORM',
      idempotencyKey: randomUUID(),
    },
  })
}

/** What the mail program does when its own unsubscribe button is pressed (RFC 8058). */
export async function oneClick(api: string, mail: OpenedMail): Promise<void> {
  const answer = await postForm(`${api}${unsubscribePath(mail)}`, 'List-Unsubscribe=One-Click')
  await mustAnswer200(answer, 'the one-click unsubscribe')
  console.log(`  ${storyReader.name} pressed "Unsubscribe" in the mail program: one POST, answered 200.`)
}

/** The path of the address in the List-Unsubscribe header. */
export function unsubscribePath(mail: OpenedMail): string {
  const url = /<(https?:[^>]+)>/.exec(mail.headers['list-unsubscribe'] ?? '')?.[1]
  if (!url) throw new Problem('The mail has no List-Unsubscribe header.')
  return new URL(url).pathname
}

/** Readers and consent events only ever grow in number, so their sum shows any change. */
const consentSize = async (db: EntityManager): Promise<number> =>
  (await db.count(Reader)) + (await db.count(ConsentEvent))

const postForm = (url: string, body: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
    redirect: 'manual',
  })

async function mustAnswer200(response: Response, what: string): Promise<void> {
  await response.arrayBuffer()
  if (response.status !== 200) throw new Problem(`${what} was answered ${response.status} instead of 200.`)
}

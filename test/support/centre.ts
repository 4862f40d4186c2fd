// The reader's own centre, over GraphQL and as a browser without scripts would use it.

import { Newsletter } from '../../src/entities/newsletter'
import { joinReference } from '../../src/secrets/mail-reference'
import { makeToken } from '../../src/secrets/token'
import { type AnyData, ok } from './api'
import { codeIn } from './logging-in'
import { mailsTo, waitForMail } from './mail'
import type { Product } from './product'
import { readerOf, settled } from './rows'

const PAYLOAD = 'reader { status pausedUntil } alreadyPassed userErrors { __typename code message field }'
const mutation = (name: string, input: string): string =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { ${PAYLOAD} } }`

export const TOPIC_SAVE = mutation('topicPreferenceSave', 'TopicPreferenceInput')
export const PAUSE = mutation('subscriptionsPause', 'PauseInput')
export const RESUME = `mutation ($token: String) { subscriptionsResume(token: $token) { ${PAYLOAD} } }`
export const CONSENT_SAVE = mutation('consentSave', 'ConsentInput')
export const PROFILE_SAVE = `mutation ($input: ProfileInput!) { profileSave(input: $input) {
  reader { name locale timeZone } userErrors { code field } } }`
export const ADDRESS_START = `mutation ($newEmail: String!) { emailChangeStart(newEmail: $newEmail) {
  accepted userErrors { code field } } }`
export const ADDRESS_CONFIRM = `mutation ($token: String!) { emailChangeConfirm(token: $token) {
  reader { maskedEmail email } alreadyPassed userErrors { code field } } }`

/** The answer of the one field of the operation, on the public endpoint. */
export async function act(
  product: { url: string },
  query: string,
  variables: Record<string, unknown>,
  token?: string,
): Promise<AnyData> {
  return Object.values(await ok(product, query, variables, { token, staff: false }))[0]
}

export const codesOf = (answer: AnyData): string[] =>
  answer.userErrors.map((error: AnyData) => error.code as string)

/** Enters the code of the newest mail to the address. */
export async function prove(product: Product, email: string, accessToken: string): Promise<void> {
  const before = mailsTo(product, email).length
  const query = `mutation ($input: ReauthInput!) { reauthenticate(input: $input) { accepted userErrors { code } } }`
  await act(product, query, { input: {} }, accessToken)
  const { code } = codeIn(await waitForMail(product, email, before + 1))
  await settled(product, email)
  const answer = await act(product, query, { input: { code } }, accessToken)
  if (!answer.accepted) throw new Error(JSON.stringify(answer))
}

/** The token of the preferences link in a mail of this newsletter. */
export async function preferencesToken(
  product: Product,
  email: string,
  newsletterId: string,
): Promise<string> {
  const { keyring, db } = product.connections
  const reader = await readerOf(product, email)
  const newsletter = await db.manager.findOneByOrFail(Newsletter, { publicId: newsletterId })
  return makeToken(keyring, 'preferences', joinReference(newsletter.reference, reader.reference))
}

/** Decisions in the words that are shown now. */
export async function consentInput(
  product: { url: string },
  wanted: Record<string, boolean>,
  overrides: Record<string, unknown> = {},
): Promise<AnyData> {
  const { site } = await ok(product, '{ site { policy { version } purposes { key version } } }')
  const decisions = Object.entries(wanted).map(([purposeKey, granted]) => ({
    purposeKey,
    purposeVersion: site.purposes.find((one: AnyData) => one.key === purposeKey)?.version ?? 1,
    granted,
  }))
  const how = { surface: 'MOBILE_APP', method: 'SAVE_CHOICES' }
  return { policyVersion: site.policy.version, decisions, ...how, ...overrides }
}

export interface Page {
  status: number
  html: string
  cookies: string[]
  location: string | null
}

async function asPage(response: Response): Promise<Page> {
  return {
    status: response.status,
    html: await response.text(),
    cookies: response.headers.getSetCookie(),
    location: response.headers.get('location'),
  }
}

export const open = async ({ url }: { url: string }, path: string, cookie = ''): Promise<Page> =>
  asPage(await fetch(url + path, { headers: { cookie }, redirect: 'manual' }))

/** Sends a form as our own page would. */
export const submit = async (
  { url }: { url: string },
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Page> =>
  asPage(
    await fetch(url + path, {
      method: 'POST',
      headers: { origin: url, ...headers },
      body: new URLSearchParams(fields),
      redirect: 'manual',
    }),
  )

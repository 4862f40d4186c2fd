// Factories: staff, topics, readers and newsletters made through the product's own doors. Addresses are unique.
import { randomBytes, randomUUID } from 'node:crypto'
import { createStaff } from '../../src/consent/staff'
import type { StaffRole } from '../../src/entities/staff-user'
import { parseAddress } from '../../src/mail/address'
import { transaction } from '../../src/transaction'
import { type AnyData, ok } from './api'
import { canary } from './leaks'
import { type Mail, waitForMail } from './mail'
import type { Product } from './product'

export const uniqueAddress = (domain = 'example.org'): string =>
  `reader-${randomBytes(6).toString('hex')}@${domain}`

export interface Staff {
  email: string
  password: string
  token: string
}

export async function makeStaff(product: Product, role: StaffRole): Promise<Staff> {
  const { db, keyring } = product.connections
  const email = `${role.toLowerCase()}-${randomBytes(4).toString('hex')}@site.example`
  const password = randomUUID()
  const address = parseAddress(email)
  if (!address) throw new Error(email)
  await transaction(db, tx => createStaff(tx, keyring, { address, name: `An ${role}`, role, password }))
  const { staffLogin } = await ok(
    product,
    `mutation ($input: StaffLoginInput!) { staffLogin(input: $input) { tokens { accessToken } userErrors { code } } }`,
    { input: { email, password, transport: 'BEARER' } },
    { staff: true },
  )
  canary(`An ${role}`, password, staffLogin.tokens.accessToken)
  return { email, password, token: staffLogin.tokens.accessToken }
}

export async function makeTopic(
  product: Product,
  admin: Staff,
  slug: string,
  name = slug,
  // Far above what any test sends: caps have tests of their own.
  promise = { maxIssues: 100, perDays: 1 },
): Promise<AnyData> {
  const input = {
    slug,
    ...promise,
    texts: [
      { locale: 'en', name, description: `All about ${name}`, cadence: 'every week' },
      { locale: 'de', name: `${name} (de)`, description: `Alles über ${name}`, cadence: 'jede Woche' },
    ],
  }
  const { topicSave } = await ok(
    product,
    `mutation ($input: TopicInput!) { topicSave(input: $input) {
       topic { id slug name purpose { key version } } userErrors { code field } } }`,
    { input },
    { token: admin.token },
  )
  if (topicSave.userErrors.length > 0) throw new Error(JSON.stringify(topicSave.userErrors))
  return topicSave.topic
}

export async function agePass(product: Product): Promise<string> {
  const { ageCheck } = await ok(product, 'mutation { ageCheck(birthMonth: "1990-05") { agePass } }')
  canary(ageCheck.agePass)
  return ageCheck.agePass
}

/** What a client sends for a yes to these purposes in their current words. */
export async function registerInput(
  product: Product,
  granted: readonly string[],
  overrides: Record<string, unknown> = {},
): Promise<AnyData> {
  const { site } = await ok(product, '{ site { policy { version } purposes { key version } } }')
  const decisions = site.purposes.map((purpose: AnyData) => ({
    purposeKey: purpose.key,
    purposeVersion: purpose.version,
    granted: granted.includes(purpose.key),
  }))
  return {
    agePass: await agePass(product),
    email: uniqueAddress(),
    locale: 'en',
    policyVersion: site.policy.version,
    decisions,
    surface: 'WEB_FORM',
    idempotencyKey: randomUUID(),
    ...overrides,
  }
}

export const REGISTER = `mutation ($input: RegisterInput!) { readerRegister(input: $input) {
  accepted retryAfterSeconds userErrors { __typename code message field
    ... on StalePolicyError { currentPolicy { version } currentPurposes { key version } } } } }`

export async function register(product: Product, input: AnyData): Promise<AnyData> {
  canary(input.name, input.idempotencyKey)
  return (await ok(product, REGISTER, { input })).readerRegister
}

export const tokenIn = (mail: Mail, door: 'a' | 'c' | 'p' | 'u'): string => {
  const token = new RegExp(`/${door}/([a-z2-7]{53})`).exec(mail.text)?.[1]
  if (!token) throw new Error(`No /${door}/ link in the mail`)
  return token
}

/** A reader who went the whole way: registered, read the mail, pressed the button. */
export async function makeReader(
  product: Product,
  granted: readonly string[],
  overrides: Record<string, unknown> = {},
): Promise<{ email: string; mail: Mail }> {
  const input = await registerInput(product, granted, overrides)
  const answer = await register(product, input)
  if (!answer.accepted) throw new Error(JSON.stringify(answer))
  const mail = await waitForMail(product, input.email)
  const { readerConfirm } = await ok(
    product,
    'mutation ($token: String!) { readerConfirm(token: $token) { reader { id } userErrors { code } } }',
    { token: tokenIn(mail, 'c') },
  )
  if (!readerConfirm.reader) throw new Error(JSON.stringify(readerConfirm))
  return { email: input.email, mail }
}

export const MJML = `<mjml><mj-head><mj-title>Issue</mj-title></mj-head><mj-body><mj-section><mj-column>
<mj-text>Hello {{name|reader}}, this is {{topic}} from {{site}}.</mj-text>
<mj-button href="https://site.example/story">Read the story</mj-button>
</mj-column></mj-section></mj-body></mjml>`

const NEWSLETTER = `id version status allowedActions topic { slug } audience { estimate { willReceive confirmedReaders skipped { reason count } } }
  checklist { ready contentHash items { key status severity detail } } schedule { sendAt timeZone localTime }
  progress { status total queued sending sent failed unknown cancelled skipped { reason count } pauseReason }
  report { audience sent failed unknown cancelled skipped { reason count } }`

export async function makeNewsletter(
  product: Product,
  staff: Staff,
  topicId: string,
  content: Record<string, unknown> = {},
): Promise<AnyData> {
  const contents = [
    { locale: 'en', subject: 'News for {{name|you}}', preheader: 'This week', mjml: MJML, ...content },
  ]
  const { newsletterCreate } = await ok(
    product,
    `mutation ($input: NewsletterInput!) { newsletterCreate(input: $input) {
       newsletter { ${NEWSLETTER} } userErrors { code field message } } }`,
    { input: { topicId, contents } },
    { token: staff.token },
  )
  if (newsletterCreate.userErrors.length > 0) throw new Error(JSON.stringify(newsletterCreate.userErrors))
  return newsletterCreate.newsletter
}

export async function fetchNewsletter(product: Product, staff: Staff, id: string): Promise<AnyData> {
  const query = `query ($id: ID!) { newsletter(id: $id) { ${NEWSLETTER} } }`
  return (await ok(product, query, { id }, { token: staff.token })).newsletter
}

export const SCHEDULE = `mutation ($id: ID!, $input: ScheduleInput!) { newsletterSchedule(id: $id, input: $input) {
  newsletter { ${NEWSLETTER} } userErrors { __typename code message field
    ... on AudienceChangedError { confirmed current } ... on ChecklistError { blocking { key detail } }
    ... on InvalidStateError { status allowedActions } ... on StaleVersionError { currentVersion } } } }`

export const scheduleInput = (newsletter: AnyData, overrides: Record<string, unknown> = {}): AnyData => ({
  version: newsletter.version,
  sendAt: new Date().toISOString(),
  timeZone: 'Europe/Berlin',
  confirmedRecipients: newsletter.audience.estimate.willReceive,
  checklistHash: newsletter.checklist.contentHash,
  idempotencyKey: randomUUID(),
  ...overrides,
})

/** Schedules for now what the editor sees; asks for no more than that takes, since hundreds of tests begin with it. */
export async function scheduleNow(product: Product, staff: Staff, id: string): Promise<void> {
  const { token } = staff
  const query = `query ($id: ID!) { newsletter(id: $id) {
    version audience { estimate { willReceive } } checklist { contentHash } } }`
  const { newsletter } = await ok(product, query, { id }, { token })
  const schedule = `mutation ($id: ID!, $input: ScheduleInput!) { newsletterSchedule(id: $id, input: $input) {
    userErrors { code message field } } }`
  const { newsletterSchedule } = await ok(
    product,
    schedule,
    { id, input: scheduleInput(newsletter) },
    { token },
  )
  if (newsletterSchedule.userErrors.length > 0) throw new Error(JSON.stringify(newsletterSchedule.userErrors))
}

/** Polls until the newsletter has this status. */
export async function waitForStatus(
  product: Product,
  staff: Staff,
  id: string,
  status: string,
): Promise<AnyData> {
  const query = 'query ($id: ID!) { newsletter(id: $id) { status } }'
  for (let tries = 0; tries < 400; tries++) {
    const { newsletter } = await ok(product, query, { id }, { token: staff.token })
    if (newsletter.status === status) return fetchNewsletter(product, staff, id)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`The newsletter never became ${status}`)
}

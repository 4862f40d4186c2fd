import { Consent } from '../src/entities/consent'
import { MJML, makeNewsletter, makeStaff, makeTopic, type Staff } from './support/actors'
import { type AnyData, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'

let product: Product
let admin: Staff
let author: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  author = await makeStaff(product, 'AUTHOR')
  topic = await makeTopic(product, admin, 'weekly')
})
afterAll(() => product?.stop())

const SEND = `mutation ($id: ID!, $to: [String!]!) { newsletterSendTest(id: $id, input: { to: $to }) {
  newsletter { status tests { to status contentHash } checklist { contentHash } } userErrors { code field message } } }`
const sendTest = async (id: string, to: string[]): Promise<AnyData> =>
  (await ok(product, SEND, { id, to }, { token: author.token })).newsletterSendTest

const section = (inner: string): string => `<mj-section><mj-column>${inner}</mj-column></mj-section>`
const page = (inner: string, head = ''): string =>
  `<mjml>${head && `<mj-head>${head}</mj-head>`}<mj-body>${inner}</mj-body></mjml>`

const templates: [kind: string, mjml: string, words: string][] = [
  ['one column', page(section('<mj-text>One column for {{name|you}}</mj-text>')), 'One column for'],
  [
    'columns side by side',
    page(
      '<mj-section><mj-column><mj-text>Left</mj-text></mj-column><mj-column><mj-text>Right</mj-text></mj-column></mj-section>',
    ),
    'Right',
  ],
  [
    'a table',
    page(
      section(
        '<mj-table><tr><th>Day</th><th>Talk</th></tr><tr><td>Monday</td><td>Interrupts &amp; you</td></tr></mj-table>',
      ),
    ),
    'Interrupts',
  ],
  [
    'a hero with a picture and a button',
    page(
      `<mj-hero mode="fixed-height" height="200px" background-url="https://site.example/hero.jpg"><mj-text>Hero words</mj-text></mj-hero>
      ${section('<mj-image src="https://site.example/one.png" alt="A picture" /><mj-button href="https://site.example/a?b=1&amp;c=2">Go</mj-button>')}`,
    ),
    'Hero words',
  ],
  [
    'fonts, classes, styles and attributes in the head',
    page(
      section(
        '<mj-text mj-class="big" css-class="note">Styled words</mj-text><mj-divider /><mj-spacer height="10px" />',
      ),
      `<mj-attributes><mj-all font-family="Georgia" /><mj-class name="big" font-size="30px" /></mj-attributes>
       <mj-style>@media (prefers-color-scheme: dark) { .note { color: #fff } }</mj-style><mj-style inline="inline">.note { letter-spacing: 1px }</mj-style>`,
    ),
    'Styled words',
  ],
  [
    'social links, navigation, accordion and raw HTML',
    page(
      `${section('<mj-navbar><mj-navbar-link href="https://site.example/nav">Menu</mj-navbar-link></mj-navbar>')}
      ${section('<mj-accordion><mj-accordion-element><mj-accordion-title>Ask</mj-accordion-title><mj-accordion-text>Folded words</mj-accordion-text></mj-accordion-element></mj-accordion>')}
      ${section('<mj-social><mj-social-element name="github" href="https://site.example/gh">Us</mj-social-element></mj-social>')}
      <mj-raw><p>Raw words</p></mj-raw>`,
    ),
    'Folded words',
  ],
  [
    'other scripts and emoji',
    page(section('<mj-text>Grüße, 你好, مرحبا, 👋🏽 — “quoted”</mj-text>')),
    '你好, مرحبا, 👋🏽',
  ],
]

test.each(templates)(
  'a newsletter with %s goes from create over preview to a received test mail',
  async (_kind, mjml, words) => {
    const staff = await makeStaff(product, 'AUTHOR')
    const draft = await makeNewsletter(product, author, topic.id, { mjml, subject: 'Grüße: {{topic}}' })
    expect(draft.checklist).toMatchObject({ ready: true })
    const { newsletter } = await ok(
      product,
      'query ($id: ID!) { newsletter(id: $id) { preview { html text issues { message } } } }',
      { id: draft.id },
      { token: author.token },
    )
    expect(newsletter.preview.issues).toEqual([])
    expect(newsletter.preview.html).toContain(words.replace('Interrupts', 'Interrupts &amp; you'))
    expect((await sendTest(draft.id, [staff.email])).userErrors).toEqual([])
    const mail = await waitForMail(product, staff.email)
    expect(mail.subject).toBe('[TEST] Grüße: weekly')
    for (const part of [mail.html, mail.text]) {
      expect(part).toContain(words)
      expect(part).toContain('1 Example Street')
      expect(part).not.toContain('{{')
    }
    expect(mail.received.to).toEqual([staff.email])
  },
)

test('a test goes only to confirmed addresses of staff; a reader, a stranger and a disabled member are NOT_ELIGIBLE', async () => {
  const draft = await makeNewsletter(product, author, topic.id)
  const [reader] = await makeReaders(product, 1)
  const [unconfirmed, disabled] = [await makeStaff(product, 'AUTHOR'), await makeStaff(product, 'PUBLISHER')]
  const { manager } = product.connections.db
  await manager.query('UPDATE staff_user SET confirmed_at = NULL ORDER BY id DESC LIMIT 2')
  await manager.query(
    'UPDATE staff_user SET disabled_at = UTC_TIMESTAMP(3), confirmed_at = created_at ORDER BY id DESC LIMIT 1',
  )
  const before = await manager.query('SELECT COUNT(*) AS n FROM notice')
  for (const wrong of [
    reader?.email ?? '',
    'stranger@example.org',
    'no address',
    unconfirmed.email,
    disabled.email,
  ])
    expect((await sendTest(draft.id, [admin.email, wrong])).userErrors).toMatchObject([
      { code: 'NOT_ELIGIBLE', field: ['input', 'to', '1'] },
    ])
  expect((await sendTest(draft.id, [])).userErrors).toMatchObject([{ code: 'INVALID' }])
  expect((await sendTest(draft.id, Array(6).fill(admin.email))).userErrors).toMatchObject([
    { code: 'INVALID' },
  ])
  expect(await manager.query('SELECT COUNT(*) AS n FROM notice')).toEqual(before)
  expect(mailsTo(product, admin.email)).toEqual([])
})

test('MJML that does not compile is not sent, and the line is named', async () => {
  const draft = await makeNewsletter(product, author, topic.id, { mjml: MJML.replace('</mj-text>', '') })
  const { userErrors } = await sendTest(draft.id, [admin.email])
  expect(userErrors).toMatchObject([{ code: 'MJML_INVALID', field: ['contents', 'en', 'mjml'] }])
  expect(userErrors[0].message).toMatch(/line 2/)
})

test('a test send tells which content it was, changes no newsletter, and its link changes nobody', async () => {
  const staff = await makeStaff(product, 'PUBLISHER')
  await makeReaders(product, 1)
  const draft = await makeNewsletter(product, author, topic.id)
  await sendTest(draft.id, [staff.email])
  const mail = await waitForMail(product, staff.email)
  const link = /^<(.+)>$/.exec(mail.headers.get('list-unsubscribe') ?? '')?.[1] ?? ''
  const { manager } = product.connections.db
  const before = await manager.find(Consent)
  expect((await fetch(link, { method: 'POST', body: 'List-Unsubscribe=One-Click' })).status).toBe(200)
  expect(await manager.find(Consent)).toEqual(before)
  const query =
    'query ($id: ID!) { newsletter(id: $id) { status version tests { to status contentHash } checklist { contentHash } } }'
  const { newsletter } = await ok(product, query, { id: draft.id }, { token: author.token })
  expect(newsletter).toMatchObject({ status: 'DRAFT', version: 1, tests: [{ to: staff.email }] })
  expect(newsletter.tests[0].contentHash).toBe(newsletter.checklist.contentHash)
})

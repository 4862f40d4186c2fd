import { select } from '../src/transaction'
import {
  MJML,
  makeNewsletter,
  makeStaff,
  makeTopic,
  SCHEDULE,
  type Staff,
  scheduleInput,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { type Product, startProduct } from './support/product'

let product: Product
let admin: Staff
let publisher: Staff
let author: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  publisher = await makeStaff(product, 'PUBLISHER')
  author = await makeStaff(product, 'AUTHOR')
  topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 3)
})
afterAll(() => product?.stop())

/** Everything a refused request must leave as it was. */
const stored = (): Promise<unknown> =>
  Promise.all(
    ['newsletter', 'newsletter_content', 'delivery', 'notice'].map(table =>
      select(product.connections.db.manager, `SELECT * FROM ${table}`),
    ),
  )

const body = (inner: string): string =>
  `<mjml><mj-body><mj-section><mj-column>${inner}</mj-column></mj-section></mj-body></mjml>`

const blockers: [name: string, content: AnyData, key: string, detail: RegExp | null][] = [
  ['an empty subject', { subject: '  ' }, 'subject.en', /en/],
  ['no MJML', { mjml: '' }, 'mjml.en', /needs <mjml>/],
  [
    'an unclosed element',
    { mjml: '<mjml>\n<mj-body>\n<mj-section>\n</mj-body></mjml>' },
    'mjml.en',
    /^line 3: <mj-section> is not closed/,
  ],
  ['an unknown element', { mjml: body('\n<mj-blink>x</mj-blink>') }, 'mjml.en', /line 2: .*mj-blink/],
  [
    'an include',
    { mjml: body('\n\n<mj-include path="/etc/passwd" />') },
    'mjml.en',
    /line 3: mj-include is not allowed/,
  ],
  ['an unknown merge tag', { mjml: body('<mj-text>{{first_name}}</mj-text>') }, 'tags.en', /first_name/],
  ['an unknown merge tag in the subject', { subject: 'For {{email}}' }, 'tags.en', /email/],
]

test.each(blockers)(
  '%s blocks the schedule, says where, and nothing changes',
  async (_name, content, key, detail) => {
    const draft = await makeNewsletter(product, author, topic.id, content)
    expect(draft.checklist.ready).toBe(false)
    const item = draft.checklist.items.find((one: AnyData) => one.key === key)
    expect(item).toMatchObject({
      severity: 'BLOCKER',
      status: 'FAIL',
      detail: expect.stringMatching(detail ?? /./),
    })
    const before = await stored()
    const input = scheduleInput(draft)
    const { newsletterSchedule } = await ok(
      product,
      SCHEDULE,
      { id: draft.id, input },
      { token: publisher.token },
    )
    expect(newsletterSchedule.userErrors).toMatchObject([
      { __typename: 'ChecklistError', code: 'CHECKLIST_BLOCKED' },
    ])
    expect(newsletterSchedule.userErrors[0].blocking.map((one: AnyData) => one.key)).toContain(key)
    expect(await stored()).toEqual(before)
  },
)

test('the preview is the mail with its footer, and unsaved text is rendered without being stored', async () => {
  const { id } = await makeNewsletter(product, author, topic.id)
  const before = await stored()
  const { newsletter } = await ok(
    product,
    'query ($id: ID!) { newsletter(id: $id) { preview(locale: "en") { subject html text htmlBytes clippedByGmail issues { message } } } }',
    { id },
    { token: author.token },
  )
  expect(newsletter.preview).toMatchObject({
    subject: 'News for {{name|you}}',
    clippedByGmail: false,
    issues: [],
  })
  for (const part of [newsletter.preview.html, newsletter.preview.text])
    for (const words of ['{{unsubscribe_url}}', '1 Example Street']) expect(part).toContain(words)
  const render = (mjml: string) =>
    ok(
      product,
      'query ($input: MjmlRenderInput!) { mjmlRender(input: $input) { html issues { line message tag } } }',
      { input: { mjml, subject: 'x' } },
      { token: author.token },
    )
  expect((await render(MJML)).mjmlRender).toMatchObject({
    issues: [],
    html: expect.stringContaining('Read the story'),
  })
  expect((await render('<mjml>\n<mj-body>\n<mj-text>\n</mj-body></mjml>')).mjmlRender.issues).toMatchObject([
    { line: 3, tag: 'mj-text' },
  ])
  expect(await stored()).toEqual(before)
})

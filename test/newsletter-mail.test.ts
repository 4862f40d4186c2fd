import { Consent } from '../src/entities/consent'
import { MJML, makeStaff, makeTopic, type Staff, scheduleNow, tokenIn } from './support/actors'
import { type AnyData, ok } from './support/api'
import { type KnownReader, makeReaders } from './support/bulk-readers'
import { checkNewsletter, deliveredOf, messagesOf, newsletterOf, until, untilStatus } from './support/checker'
import { type Mail, parseMail } from './support/mail'
import { type Product, startProduct } from './support/product'

let product: Product
let admin: Staff
let topic: AnyData
let plain: KnownReader
let other: KnownReader
let personal: KnownReader
let german: KnownReader
let greylisted: KnownReader
let id: string
let mails: Map<string, Mail>

const only = (readers: KnownReader[]): KnownReader => {
  const [reader] = readers
  if (!reader) throw new Error('No reader')
  return reader
}
const contents = [
  { locale: 'en', subject: 'News for {{name|you}}', preheader: 'This week', mjml: MJML },
  {
    locale: 'de',
    subject: 'Neues für {{name|dich}}',
    preheader: 'Diese Woche',
    mjml: MJML.replace('Hello', 'Hallo'),
  },
]

/** Creates it in both languages, sends it, and answers what arrived, by address. */
async function sent(
  where: Product,
  staff: Staff,
  topicId: string,
): Promise<[id: string, mails: Map<string, Mail>]> {
  const { newsletterCreate } = await ok(
    where,
    'mutation ($input: NewsletterInput!) { newsletterCreate(input: $input) { newsletter { id } userErrors { code } } }',
    { input: { topicId, contents } },
    { token: staff.token },
  )
  const newsletterId = newsletterCreate.newsletter.id
  await scheduleNow(where, staff, newsletterId)
  const { manager } = where.connections.db
  const waiting = () => manager.query("SELECT 1 FROM delivery WHERE status = 'queued' AND attempts = 1")
  await until(
    async () => (await newsletterOf(where, newsletterId)).status === 'SENT' || (await waiting()).length > 0,
    'sent, or waiting for the retry',
  )
  where.sink.heal()
  await until(async () => {
    await manager.query('UPDATE delivery_retry SET due_at = UTC_TIMESTAMP(3) WHERE lease_until IS NULL')
    return (await newsletterOf(where, newsletterId)).status === 'SENT'
  }, 'sent')
  const arrived = await Promise.all(deliveredOf(where, newsletterId).map(parseMail))
  return [newsletterId, new Map(arrived.map(mail => [mail.received.to[0] ?? '', mail]))]
}

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly', 'Weekly')
  const purposes = ['topic:weekly', 'personalisation']
  plain = only(await makeReaders(product, 1, { name: 'Ada Lovelace' }))
  other = only(await makeReaders(product, 1, { name: 'Grace Hopper' }))
  personal = only(await makeReaders(product, 1, { name: 'Jöhn <b>', purposes }))
  german = only(await makeReaders(product, 1, { locale: 'de', name: 'Änne', purposes }))
  greylisted = only(await makeReaders(product, 1, { local: () => '450-dot.r' }))
  ;[id, mails] = await sent(product, admin, topic.id)
})
afterAll(() => product?.stop())

const mailTo = (reader: KnownReader): Mail => {
  const mail = mails.get(reader.email)
  if (!mail) throw new Error(`Nothing for ${reader.email}`)
  return mail
}

test('everybody got it once, over one RCPT with the stored address', async () => {
  expect(await checkNewsletter(product, id)).toMatchObject({ sent: 5, unknown: 0, failed: 0 })
  const recipients = product.sink.commands.filter(line => line.startsWith('RCPT'))
  for (const reader of [plain, other, personal, german])
    expect(recipients.filter(line => line === `RCPT TO:<${reader.email}>`)).toHaveLength(1)
})

test('the headers are exactly these, each once, with these values', () => {
  const mail = mailTo(plain)
  const token = tokenIn(mail, 'u')
  const values = mail.parsed.headerLines.map(({ key }) => [key, mail.headers.get(key)])
  const date = mail.headers.get('date') ?? ''
  const messageId = mail.headers.get('message-id') ?? ''
  expect(values).toEqual([
    ['from', 'We Interrupt <news@site.example>'],
    ['to', plain.email],
    ['subject', 'News for you'],
    ['date', date],
    ['message-id', messageId],
    ['mime-version', '1.0'],
    ['list-unsubscribe', `<${product.url}/u/${token}>`],
    ['list-unsubscribe-post', 'List-Unsubscribe=One-Click'],
    ['list-id', 'Weekly <weekly.lists.site.example>'],
    ['list-post', 'NO'],
    ['feedback-id', expect.stringMatching(new RegExp(`^${id}:weekly:newsletter:[A-Za-z0-9]{5,15}$`))],
    ['precedence', 'bulk'],
    ['content-type', expect.stringMatching(/^multipart\/alternative; boundary="[^"]+"$/)],
  ])
  expect(messageId).toMatch(/^<[a-z2-7]{26,}@site\.example>$/)
  expect(date).toMatch(/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} \+0000$/)
  expect(Math.abs(Date.parse(date) - mail.received.at)).toBeLessThan(30_000)
  expect(mail.received.from).toBe('news@site.example')
})

test('the bytes are CRLF lines of at most 998 octets, 7 bit, and what can be folded is', () => {
  for (const { received } of mails.values()) {
    const text = received.data.toString('latin1')
    expect(text.replace(/\r\n/g, '')).not.toMatch(/[\r\n\0\x80-\xff]/)
    const [head = ''] = text.split('\r\n\r\n')
    // A single word such as a link cannot be folded.
    const folded = head.split('\r\n').filter(line => /\S\s/.test(line.replace(/^[\w-]+: /, '')))
    for (const line of folded) expect(line.length).toBeLessThanOrEqual(78)
    for (const line of text.slice(head.length).split('\r\n')) expect(line.length).toBeLessThanOrEqual(76)
  }
})

test('text comes first and HTML last, with the same links, the postal address and the way out in both', () => {
  const { received, text, html } = mailTo(plain)
  const types = [...received.data.toString('latin1').matchAll(/^Content-Type: (text\/\w+)/gm)].map(
    ([, type]) => type,
  )
  expect(types).toEqual(['text/plain', 'text/html'])
  const links = (source: string) => new Set(source.match(/https?:\/\/[^\s"<>)\]]+/g))
  const inHtml = new Set([...html.matchAll(/<a[^>]+href="([^"]+)"/g)].map(([, href]) => href))
  expect(links(text)).toEqual(inHtml)
  const { pathname } = new URL(product.url)
  const kinds = [...inHtml].map(link =>
    link?.replace(product.url + pathname, '/').replace(/\/[a-z2-7]{40,}$/, '/TOKEN'),
  )
  expect(kinds.sort()).toEqual(['/p/TOKEN', '/u/TOKEN', 'https://site.example/story'])
  for (const part of [text, html]) expect(part).toContain('1 Example Street')
  expect(html).not.toMatch(/<img|disposition-notification|\{\{/i)
})

/** Without what may differ: address, Message-ID, token and the second it was composed in. */
function masked(reader: KnownReader): string {
  const mail = mailTo(reader)
  return mail.received.data
    .toString('latin1')
    .replace(/=\r\n/g, '')
    .replace(/\r\n[ \t]/g, ' ')
    .replaceAll(tokenIn(mail, 'u'), 'TOKEN')
    .replaceAll(tokenIn(mail, 'p'), 'TOKEN')
    .replaceAll(reader.email, 'ADDRESS')
    .replace(/^Message-ID: .*$/m, 'Message-ID')
    .replace(/^Date: .*$/m, 'Date')
}

test('without consent to personalisation two readers get the same bytes but for address, Message-ID and link', () => {
  expect(masked(plain)).toBe(masked(other))
  expect(masked(plain)).not.toMatch(/Ada|Lovelace|Grace|Hopper/)
  expect(tokenIn(mailTo(plain), 'u')).not.toBe(tokenIn(mailTo(other), 'u'))
  expect(mailTo(plain).headers.get('message-id')).not.toBe(mailTo(other).headers.get('message-id'))
  expect(mailTo(plain).text).toContain('Hello reader,')
})

test('with consent to personalisation the name is used, escaped where it stands', () => {
  const { subject, html, text } = mailTo(personal)
  expect(subject).toBe('News for Jöhn <b>')
  expect(html).toContain('Hello Jöhn &lt;b&gt;,')
  expect(text).toContain('Hello Jöhn <b>,')
})

test('a German reader gets the German content and footer', () => {
  const { subject, text, html } = mailTo(german)
  expect(subject).toBe('Neues für Änne')
  expect(text).toContain('Hallo Änne,')
  expect(html).toMatch(/<html[^>]* lang="de"/)
  expect(text).not.toBe(mailTo(personal).text)
})

test('a retry carries the same Message-ID and the same link', async () => {
  const attempts = messagesOf(product, id).filter(({ to }) => to[0] === greylisted.email)
  expect(attempts.map(({ answer }) => answer)).toEqual([4, 2])
  const [first, second] = await Promise.all(attempts.map(parseMail))
  expect(first?.headers.get('message-id')).toBe(second?.headers.get('message-id'))
  expect(first?.headers.get('list-unsubscribe')).toBe(second?.headers.get('list-unsubscribe'))
})

test('the link of the header takes back the consent of its reader and of nobody else', async () => {
  const link = /^<(.+)>$/.exec(mailTo(plain).headers.get('list-unsubscribe') ?? '')?.[1] ?? ''
  const answer = await fetch(link, {
    method: 'POST',
    body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
  })
  expect(answer.status).toBe(200)
  const withdrawn = await product.connections.db.manager.findBy(Consent, { state: 'ConsentWithdrawn' })
  expect(withdrawn.map(consent => consent.readerId)).toEqual([plain.id])
})

test('with a bounce domain the return path is the token of the delivery, for each reader another', async () => {
  const bouncing = await startProduct({ env: { BOUNCE_DOMAIN: 'bounces.site.example' } })
  try {
    const staff = await makeStaff(bouncing, 'ADMIN')
    const { id: topicId } = await makeTopic(bouncing, staff, 'weekly')
    await makeReaders(bouncing, 3)
    const [newsletterId, arrived] = await sent(bouncing, staff, topicId)
    await untilStatus(bouncing, newsletterId, 'SENT')
    const froms = [...arrived.values()].map(({ received, headers }) => {
      const token = /^<([a-z2-7]+)@/.exec(headers.get('message-id') ?? '')?.[1]
      expect(received.from).toBe(`b+${token}@bounces.site.example`)
      return received.from
    })
    expect(new Set(froms).size).toBe(3)
  } finally {
    await bouncing.stop()
  }
})

import fc from 'fast-check'
import { simpleParser } from 'mailparser'
import { encodeBody } from '../src/mail/body'
import { HeaderError } from '../src/mail/header'
import {
  composeNewsletterMessage,
  composeNotice,
  type Message,
  type NewsletterConstants,
  prepareNewsletter,
  type ReaderPart,
} from '../src/mail/message'
import { bytesOf } from '../src/mail/parts'
import { cleanValue, fillHeader } from '../src/mail/tags'

const token = 'abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstu'
const link = 'https://news.example.org/u/tokentokentoken'
const html =
  '<html><head><title>Hi {{name|you}}</title></head><body><p title="for {{name|you}}">Dear {{name|<i>reader</i>}},</p>' +
  '<!-- it\'s <b "{{name}} --><a href="{{unsubscribe_url}}">Stop</a> <a href="https://example.org/?q={{topic|x}}&amp;y=1">q</a>\n' +
  '<p>Grüße = 100 % \t\n.hidden dot\n.\n{{name}}{{name}}</p>{{FirstName}}</body></html>'
const text =
  'Dear {{name|reader & friend}},\n.\n..\n{{site}}: {{unsubscribe_url}}\nends in spaces   \n{{topic}}'

type Newsletter = NewsletterConstants & ReaderPart

const newsletter = (changes: Partial<Newsletter> = {}): Newsletter => ({
  siteName: 'We Interrupt',
  mailFrom: 'news@example.org',
  bounceDomain: 'bounces.example.org',
  to: 'reader@example.net',
  token,
  date: new Date('2026-11-22T10:00:00Z'),
  subject: 'News for {{name|you}}',
  body: encodeBody({ html, text }),
  values: { site: 'We Interrupt', topic: 'Science' },
  name: 'Ada',
  unsubscribePrefix: 'https://news.example.org/u/',
  unsubscribeToken: 'tokentokentoken',
  topic: { slug: 'science', title: 'Science & more' },
  newsletter: '0199aabb',
  senderId: 'weinterrupt1',
  ...changes,
})

const inOnePiece = (message: Message) => ({ ...message, raw: bytesOf(message.parts) })

const composed = (changes: Partial<Newsletter> = {}) => {
  const input = newsletter(changes)
  return inOnePiece(composeNewsletterMessage(prepareNewsletter(input), input))
}

const headersOf = (raw: Buffer) => {
  const block = raw.toString('latin1').split('\r\n\r\n', 1)[0] ?? ''
  return block
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map(line => ({ name: line.slice(0, line.indexOf(':')), value: line.slice(line.indexOf(':') + 2) }))
}

const parse = (raw: Buffer) =>
  simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true })

const escaped = (value: string) =>
  value
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;')

function assertWellFormed(raw: Buffer) {
  const bytes = raw.toString('latin1')
  expect(bytes.endsWith('\r\n')).toBe(true)
  expect(bytes.replace(/\r\n/g, '')).not.toMatch(/[\r\n\0]/)
  expect(bytes).not.toMatch(/[^\r\n\x20-\x7e\t]/)
  const [head = '', ...rest] = bytes.split('\r\n\r\n')
  expect(head).not.toMatch(/[^\r\n]{201}/)
  // Quoted-printable: no line over 76, none that ends in a blank.
  expect(rest.join('\r\n\r\n')).not.toMatch(/[^\r\n]{77}|[ \t]\r\n/)
  // SMTP would double it, and a relay that does not undo that would show it.
  expect(bytes).not.toMatch(/^\./m)
}

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', minLength: 30, maxLength: 150 }),
  fc.constantFrom(
    '{{name}}',
    '{{unsubscribe_url}}',
    '=3D=',
    '.',
    '..',
    '=',
    '-',
    '--=_boundary',
    '<b>',
    '"\'>',
    '<script>alert(1)</script>',
  ),
  fc.constantFrom(
    ' a ',
    'x\r\n.\r\nMAIL FROM:<a@b.c>',
    '$&',
    '\\1',
    'é'.repeat(200),
    '👩‍👩‍👧'.repeat(20),
    '\ud800',
    '-->',
    '\u2028',
  ),
)

describe('a newsletter message', () => {
  test('any name arrives exactly, in HTML, attribute, comment and text, and never as markup', async () => {
    const body = encodeBody({ html, text })
    await fc.assert(
      fc.asyncProperty(names, fc.webUrl(), async (name, url) => {
        const unsubscribePrefix = `${new URL(url).href.replace(/\/$/, '')}/`
        const { raw } = composed({
          body,
          subject: 'News',
          values: { topic: name, site: name },
          name,
          unsubscribePrefix,
        })
        const parsed = await parse(raw)

        const clean = cleanValue(name)
        const isMissing = clean.trim() === ''
        const inHtml = isMissing ? '' : escaped(clean)
        const href = `${unsubscribePrefix}tokentokentoken`
        const filled: Record<string, string> = {
          '{{name|you}}': inHtml || 'you',
          '{{name|<i>reader</i>}}': inHtml || '<i>reader</i>',
          '{{name}}': inHtml,
          '{{unsubscribe_url}}': escaped(href),
          '{{topic|x}}': isMissing ? 'x' : escaped(encodeURIComponent(clean)),
        }
        const expected = html.replace(/\{\{.*?\}\}/g, tag => filled[tag] ?? tag)
        expect(parsed.html).toBe(expected)
        const plain = isMissing ? '' : clean
        const lines = [
          'Dear ',
          plain || 'reader & friend',
          ',\n.\n..\n',
          plain,
          ': ',
          href,
          '\nends in spaces   \n',
          plain,
        ]
        expect(parsed.text?.trimEnd()).toBe(lines.join('').trimEnd())
        assertWellFormed(raw)
      }),
      { numRuns: 400 },
    )
  })

  test('any subject, title, site and name leave the set of headers and the envelope unchanged, or are refused', () => {
    const hostile = fc.oneof(
      names,
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a\r\nBcc: x@example.com', 'a\u0085b', 'a\u2029b', '=?utf-8?q?x?='),
    )
    const usual = headersOf(composed().raw).map(({ name }) => name)
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (subject, title, siteName, name) => {
        const topic = { slug: 'science', title }
        let message: ReturnType<typeof composed>
        try {
          message = composed({ subject, siteName, topic, name })
        } catch (error) {
          expect(error).toBeInstanceOf(HeaderError)
          return
        }
        expect(headersOf(message.raw).map(header => header.name)).toEqual(usual)
        expect(message.envelope).toEqual({ from: `b+${token}@bounces.example.org`, to: 'reader@example.net' })
        assertWellFormed(message.raw)
      }),
      { numRuns: 10_000 },
    )
  })

  test('subject, sender and list title arrive as they were written', async () => {
    for (const value of [
      'Ünïcode, with comma',
      'a "quoted" \\ word',
      '=?utf-8?Q?no?=',
      'Größe '.repeat(20).trim(),
      '日本語'.repeat(30),
      'plain',
    ]) {
      const { raw } = composed({ subject: value, siteName: value, topic: { slug: 's', title: value } })
      const parsed = await parse(raw)
      expect(parsed.subject).toBe(value)
      expect(parsed.from?.value).toEqual([{ name: value, address: 'news@example.org' }])
      expect((parsed.headers.get('list') as { id: unknown }).id).toMatchObject({ id: 's.lists.example.org' })
    }
  })

  test('has each header of one-click unsubscribe, list and feedback exactly once', () => {
    const headers = headersOf(composed().raw)

    expect(Object.fromEntries(headers.map(({ name, value }) => [name, value]))).toEqual({
      From: 'We Interrupt <news@example.org>',
      To: 'reader@example.net',
      Subject: 'News for Ada',
      Date: 'Sun, 22 Nov 2026 10:00:00 +0000',
      'Message-ID': `<${token}@example.org>`,
      'MIME-Version': '1.0',
      'List-Unsubscribe': `<${link}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'List-Id': 'Science & more <science.lists.example.org>',
      'List-Post': 'NO',
      'Feedback-ID': '0199aabb:science:newsletter:weinterrupt1',
      Precedence: 'bulk',
      'Content-Type': expect.stringMatching(/^multipart\/alternative; boundary="=_[0-9a-f]{32}"$/),
    })
    expect(new Set(headers.map(({ name }) => name)).size).toBe(headers.length)
  })

  test('a long unsubscribe link stays one unbroken address', () => {
    const unsubscribeToken = 'a'.repeat(180)
    const { raw } = composed({ unsubscribeToken })

    expect(headersOf(raw)).toContainEqual({
      name: 'List-Unsubscribe',
      value: `<https://news.example.org/u/${unsubscribeToken}>`,
    })
  })

  test('the same input gives the same bytes, and the return path is the sender where no bounce domain is set', () => {
    const one = composed({ bounceDomain: undefined })
    const other = composed({ bounceDomain: undefined, body: encodeBody({ html, text }) })

    expect(one.raw.equals(other.raw)).toBe(true)
    expect(one.envelope.from).toBe('news@example.org')
    expect(one.messageId).toBe(`<${token}@example.org>`)
  })

  test('text comes first and HTML last, with no attachment', async () => {
    const { raw } = composed()
    const parsed = await parse(raw)

    expect(raw.indexOf('text/plain')).toBeLessThan(raw.indexOf('text/html'))
    expect(parsed.attachments).toEqual([])
  })

  test.each<[string, Partial<Newsletter>]>([
    ['a recipient that is not the canonical address', { to: 'Reader@example.net' }],
    ['a second recipient', { to: 'reader@example.net, b@example.net' }],
    ['a token with a line break', { token: `${token}\r\n` }],
    ['a slug with a space', { topic: { slug: 'a b', title: 'x' } }],
    ['a sender id of four letters', { senderId: 'abcd' }],
    ['an invalid date', { date: new Date(Number.NaN) }],
    ['a javascript: unsubscribe link', { unsubscribePrefix: 'javascript:alert(1)/' }],
    ['no unsubscribe link', { unsubscribePrefix: '' }],
    ['an unsubscribe link that ends in a host name', { unsubscribePrefix: 'https://news.example.org' }],
    [
      'an unsubscribe link that would be spelt in another way',
      { unsubscribePrefix: 'https://NEWS.example.org/a/../' },
    ],
    ['an unsubscribe token with a slash', { unsubscribeToken: 'secret/../x' }],
    ['a reader without an unsubscribe token', { unsubscribeToken: '' }],
    [
      'a return path of 255 octets',
      { bounceDomain: `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example` },
    ],
    ['a subject of 300 characters', { subject: 'a'.repeat(300) }],
    ['a site name with a line break', { siteName: 'secret\r\nBcc: x@example.com' }],
  ])('%s is refused with a code and without repeating the value', (_, changes) => {
    const compose = () => composed(changes)

    expect(compose).toThrow(HeaderError)
    expect(compose).not.toThrow(/secret|javascript|reader/i)
  })
})

test('a notice is marked as automatic, is no list mail, and braces in it are plain text', async () => {
  const { raw, envelope } = inOnePiece(
    composeNotice({
      siteName: 'We Interrupt',
      mailFrom: 'hello@example.org',
      to: 'reader@example.net',
      token,
      date: new Date('2026-11-22T10:00:00Z'),
      subject: 'Please confirm, {{name}}',
      text: 'Hello {{name}}\n.\n',
      html: '<p>Hello {{name}} &amp; <style>{{name}}</style></p>',
    }),
  )
  const parsed = await parse(raw)
  const headers = headersOf(raw).map(({ name }) => name)

  expect(headers).toContain('Auto-Submitted')
  expect(headers.filter(name => /^(List-|Precedence|Feedback)/.test(name))).toEqual([])
  expect(parsed.subject).toBe('Please confirm, {{name}}')
  expect(parsed.html).toBe('<p>Hello {{name}} &amp; <style>{{name}}</style></p>')
  expect(parsed.text).toBe('Hello {{name}}\n.\n')
  expect(envelope).toEqual({ from: 'hello@example.org', to: 'reader@example.net' })
  assertWellFormed(raw)
})

test.each([
  ['<style>.a{content:"{{name}}"}</style>'],
  ['<p style="color:{{name}}">'],
  ['<a href={{name}}>'],
  ['<a x=b"c="{{name}}">'],
  ['<p {{name}}>'],
  ['<{{name}}>'],
  ['<a onclick="{{name}}">'],
  ['<script>{{name}}</script>'],
  ['<textarea>{{name}}'],
  ['<a title="{{name|">}}">'],
])('no value can stand in %s', source => {
  expect(() => encodeBody({ html: source, text: '' })).toThrow(RangeError)
})

test('a value in a subject is one line, and an unknown tag stays as it was written', () => {
  const values = { unsubscribe_url: link, name: 'A\r\nB: {{topic}}', topic: 'T' }

  expect(fillHeader('Hi {{ name | you }}, {{topic}} {{FirstName}}', values)).toBe(
    'Hi A B: {{topic}}, T {{FirstName}}',
  )
  expect(fillHeader('Hi {{name|you}}', { unsubscribe_url: link })).toBe('Hi you')
})

test('an encoded body survives storage as JSON', () => {
  const body = encodeBody({ html, text })

  expect(composed({ body: JSON.parse(JSON.stringify(body)) }).raw.equals(composed({ body }).raw)).toBe(true)
})

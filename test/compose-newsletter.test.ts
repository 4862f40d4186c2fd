import { base32nopad } from '@scure/base'
import fc from 'fast-check'
import libmime from 'libmime'
import { simpleParser } from 'mailparser'
import { isCanonical, parseAddress } from '../src/mail/address'
import { encodeBody } from '../src/mail/body'
import { HeaderError, headerLine } from '../src/mail/header'
import { composeNewsletterMessage, type Message, prepareNewsletter } from '../src/mail/message'
import { bytesOf } from '../src/mail/parts'
import { cleanValue } from '../src/mail/tags'
import { toBase32 } from '../src/secrets/token'

const subjects = {
  en: 'News for {{name|you}} from {{site}}',
  de: 'Größe: {{name|dich}}',
  xx: 'no name, {{topic}}',
}
type Locale = keyof typeof subjects

const prepared = (locale: Locale, subject: string = subjects[locale]) =>
  prepareNewsletter({
    siteName: 'We Interrupt',
    mailFrom: 'News@Example.org',
    bounceDomain: 'Bounces.example.org',
    subject,
    body: encodeBody({
      text: `${locale}: {{name|Leser}}\n{{unsubscribe_url}}\n`,
      html: `<p title="{{name|-}}">${locale}: {{name|<b>Leser</b>}} {{name|-}}</p><a href="{{unsubscribe_url}}">{{topic}}</a>`,
    }),
    values: { site: 'We Interrupt', topic: 'Größe = 1' },
    unsubscribePrefix: 'https://news.example.org/u/',
    topic: { slug: 'science', title: 'Größe = 1' },
    newsletter: '0199aabb',
    senderId: 'weinterrupt1',
  })
const newsletters = { en: prepared('en'), de: prepared('de'), xx: prepared('xx') }

const locales = fc.constantFrom<Locale>('en', 'de', 'xx')
const names = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme-ascii', minLength: 60, maxLength: 170 }),
  fc.constantFrom('', ' ', '-', '=', 'a=\r\nBcc: x@example.com', '-'.repeat(80), ' x', 'x ', '=?utf-8?q?x?='),
)
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map(array => Buffer.from(array))
const readers = fc.record({
  to: fc.constantFrom('reader@example.net', `${'l'.repeat(64)}@${'d'.repeat(60)}.example.net`),
  token: bytes(33).map(toBase32),
  unsubscribeToken: bytes(33).map(toBase32),
  date: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
  name: fc.option(names, { nil: undefined }),
})

/** Undefined where a value does not fit a header. */
function composedOr(action: () => Message): Message | undefined {
  try {
    return action()
  } catch (error) {
    expect(error).toBeInstanceOf(HeaderError)
    return undefined
  }
}

const escaped = (value: string) =>
  value.replace(/[&<>"']/g, one => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[one] ?? '#39'};`)
const oneSpace = (text: string) => text.replace(/ +/g, ' ').trim()

test('what a reader gets parses to exactly the given values, in lines no server may refuse', async () => {
  let parsedOnes = 0
  await fc.assert(
    fc.asyncProperty(locales, readers, async (locale, reader) => {
      const message = composedOr(() => composeNewsletterMessage(newsletters[locale], reader))
      if (!message) return
      parsedOnes++
      const text = bytesOf(message.parts).toString('latin1')
      expect(text.replace(/\r\n/g, '')).not.toMatch(/[^\x20-\x7e]/)
      const headEnd = text.indexOf('\r\n\r\n')
      expect(
        Math.max(
          ...text
            .slice(0, headEnd)
            .split('\r\n')
            .map(line => line.length),
        ),
      ).toBeLessThanOrEqual(998)
      expect(
        Math.max(
          ...text
            .slice(headEnd)
            .split('\r\n')
            .map(line => line.length),
        ),
      ).toBeLessThanOrEqual(76)

      const parsed = await simpleParser(bytesOf(message.parts), {
        skipTextToHtml: true,
        skipHtmlToText: true,
      })
      const link = `https://news.example.org/u/${reader.unsubscribeToken}`
      const name = cleanValue(reader.name ?? '')
      const shown = name.trim() === '' ? undefined : name
      expect(parsed.headerLines.map(({ key }) => key)).toEqual([
        ...['from', 'to', 'subject', 'date', 'message-id', 'mime-version', 'list-unsubscribe'],
        ...['list-unsubscribe-post', 'list-id', 'list-post', 'feedback-id', 'precedence', 'content-type'],
      ])
      expect(parsed.to).toMatchObject({ value: [{ address: reader.to, name: '' }] })
      expect(message.envelope).toEqual({ from: `b+${reader.token}@bounces.example.org`, to: reader.to })
      expect(parsed.messageId).toBe(`<${reader.token}@example.org>`)
      expect(parsed.date?.getTime()).toBe(Math.floor(reader.date.getTime() / 1000) * 1000)
      expect(parsed.headers.get('list')).toMatchObject({ unsubscribe: { url: link } })
      const subject = {
        en: `News for ${cleanValue(reader.name || 'you')} from We Interrupt`,
        de: `Größe: ${cleanValue(reader.name || 'dich')}`,
        xx: 'no name, Größe = 1',
      }[locale]
      expect(oneSpace(parsed.subject ?? '')).toBe(oneSpace(subject))
      expect(parsed.text).toBe(`${locale}: ${shown ?? 'Leser'}\n${link}\n`)
      const inHtml = shown && escaped(shown)
      expect(parsed.html).toBe(
        `<p title="${inHtml ?? '-'}">${locale}: ${inHtml ?? '<b>Leser</b>'} ${inHtml ?? '-'}</p><a href="${link}">Größe = 1</a>`,
      )
    }),
    { numRuns: 1000 },
  )
  expect(parsedOnes).toBeGreaterThan(500)
})

test('equal input gives equal bytes, whatever was composed in between', () => {
  fc.assert(
    fc.property(locales, readers, locales, readers, (locale, reader, otherLocale, other) => {
      const first = composedOr(() => composeNewsletterMessage(newsletters[locale], reader))
      composedOr(() => composeNewsletterMessage(newsletters[otherLocale], other))
      const second = composedOr(() => composeNewsletterMessage(prepared(locale), { ...reader }))

      expect(second).toEqual(first)
    }),
  )
})

test('a subject that only one reader fills too long stops that reader only', () => {
  const newsletter = prepared('en', `${'a'.repeat(150)} {{name|}}`)
  const reader = {
    to: 'reader@example.net',
    token: 'a'.repeat(53),
    unsubscribeToken: 'b'.repeat(53),
    date: new Date(0),
  }

  expect(() => composeNewsletterMessage(newsletter, { ...reader, name: 'n'.repeat(60) })).toThrow(HeaderError)
  expect(bytesOf(composeNewsletterMessage(newsletter, reader).parts).toString()).toMatch(
    /^Subject:\s+a{150}\r$/m,
  )
})

test('the short ways say the same as the long ones', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'aZ0-.@x n_+é='.split('')), maxLength: 40 })
  const address = fc.oneof(
    fc.emailAddress(),
    fc.tuple(letters, letters).map(parts => parts.join('@')),
    fc.tuple(fc.constantFrom('a', 'l'.repeat(64), 'l'.repeat(65)), fc.domain()).map(parts => parts.join('@')),
    fc.constantFrom(
      'a@xn--80ak6aa92e.com',
      'a@xn--a.example',
      'a@example.xn--a',
      'a@1.2.3.0x7f',
      'a@1.2.3.4',
      'a@b.0x',
    ),
    fc.constantFrom(
      'a@b.c1',
      'a@b.1c',
      'a@ab--c.example',
      'a@b',
      'a@-b.example',
      'a@b-.example',
      'a@b..example',
    ),
  )
  fc.assert(
    fc.property(address, text => {
      expect(isCanonical(text)).toBe(parseAddress(text)?.canonical === text)
    }),
    { numRuns: 3000 },
  )
  fc.assert(
    fc.property(
      fc.constantFrom('To', 'List-Unsubscribe'),
      fc.string({ minLength: 1, maxLength: 200 }),
      (name, value) => {
        fc.pre(value.trim() === value)
        expect(headerLine(name, value)).toBe(`${libmime.foldLines(`${name}: ${value}`, 76)}\r\n`)
      },
    ),
    { numRuns: 3000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), array => {
      expect(toBase32(array)).toBe(base32nopad.encode(array).toLowerCase())
    }),
  )
})

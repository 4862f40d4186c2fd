import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { dkimVerify } from 'mailauth/lib/dkim/verify'
import { encodeBody } from '../src/mail/body'
import { createSigner, type Signer } from '../src/mail/dkim'
import { headerLine } from '../src/mail/header'
import { composeNewsletterMessage, composeNotice, prepareNewsletter } from '../src/mail/message'
import { bytesOf } from '../src/mail/parts'

const keys = {
  ed25519: generateKeyPairSync('ed25519'),
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
type Kind = keyof typeof keys

const signers: Record<Kind, Signer> = {
  ed25519: createSigner({ domain: 'example.org', selector: 'ed', privateKey: keys.ed25519.privateKey }),
  rsa: createSigner({ domain: 'example.org', selector: 'rsa.s2026', privateKey: keys.rsa.privateKey }),
}

/** What stands in the DNS: RFC 6376 §3.6.1, and for Ed25519 the bare 32 bytes (RFC 8463 §4.2). */
const records: Record<string, string> = {
  'rsa.s2026._domainkey.example.org': `v=DKIM1; k=rsa; p=${keys.rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
  'ed._domainkey.example.org': `v=DKIM1; k=ed25519; p=${Buffer.from(keys.ed25519.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')}`,
}

const resolver = async (name: string): Promise<string[][]> => {
  const record = records[name]
  if (!record) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' })
  return [[record]]
}

/** The verdict of another implementation. */
async function verdictOn(raw: Buffer): Promise<string> {
  const { results } = await dkimVerify(raw, { resolver })
  expect(results).toHaveLength(1)
  const [one] = results as { status: { result: string } }[]
  return one?.status.result ?? ''
}

/** What `h=` names, in order. */
const signedBy = (raw: Buffer): string[] =>
  (/\bh=([^;]+);/.exec(raw.toString('latin1'))?.[1] ?? '').replace(/\s/g, '').split(':')

const prepared = prepareNewsletter({
  siteName: 'We Interrupt',
  mailFrom: 'news@example.org',
  subject: 'Größe: {{name|you}}',
  body: encodeBody({ text: 'Hi {{name|you}}\n\n\n', html: '<p>Hi {{name|you}} {{unsubscribe_url}}</p>\n' }),
  values: {},
  unsubscribePrefix: 'https://news.example.org/u/',
  topic: { slug: 'science', title: 'Science' },
  newsletter: '0199aabb',
  senderId: 'weinterrupt1',
})
const reader = {
  to: 'reader@example.net',
  token: 'a'.repeat(53),
  unsubscribeToken: 'b'.repeat(53),
  date: new Date(0),
  name: 'Ada',
}
const notice = {
  ...reader,
  siteName: 'We Interrupt',
  mailFrom: 'hello@example.org',
  replyTo: 'contact@example.org',
  subject: 'Please confirm',
  text: 'Hello\n',
  html: '<p>Hello</p>',
}

describe.each<Kind>(['ed25519', 'rsa'])('a message signed with %s', kind => {
  test('verifies, and is otherwise the unsigned one', async () => {
    const plain = composeNewsletterMessage(prepared, reader)
    const signed = await composeNewsletterMessage(prepared, reader, signers[kind])

    const [signature = '', ...others] = signed.parts
    expect(await verdictOn(bytesOf(signed.parts))).toBe('pass')
    expect({ ...signed, parts: others }).toEqual(plain)
    const head = signature.toString()
    expect(head).toMatch(/^DKIM-Signature: v=1; [^\0]*\r\n$/)
    expect(head).not.toMatch(/[^\r\n]{79}|\r\n\S|[;\s](?:l|t|x)=/)
    expect(head).toContain('c=relaxed/simple')
    expect(await composeNewsletterMessage(prepared, reader, signers[kind])).toEqual(signed)
  })

  test('covers both headers of one-click unsubscribe, and no header can be added to it', async () => {
    const raw = bytesOf((await composeNewsletterMessage(prepared, reader, signers[kind])).parts)
    const signed = signedBy(raw)

    const once = ['message-id', 'mime-version', 'content-type', 'list-id', 'list-post', 'feedback-id']
    for (const name of once) expect(signed.filter(one => one === name)).toHaveLength(1)
    const twice = ['from', 'to', 'subject', 'date', 'list-unsubscribe', 'list-unsubscribe-post']
    for (const name of twice) {
      expect(signed.filter(one => one === name)).toHaveLength(2)
      const added = Buffer.concat([Buffer.from(`${name}: x@evil.example\r\n`), raw])
      expect(await verdictOn(added)).toBe('fail')
    }
    const replies = Buffer.concat([Buffer.from('Reply-To: x@evil.example\r\n'), raw])
    expect(await verdictOn(replies)).toBe('fail')
  })

  test('may also be a notice', async () => {
    const raw = bytesOf((await composeNotice(notice, signers[kind])).parts)
    const signed = signedBy(raw)

    expect(await verdictOn(raw)).toBe('pass')
    expect(signed.filter(name => name === 'reply-to')).toHaveLength(2)
    expect(signed).toContain('auto-submitted')
  })

  test('verifies whatever it holds, and not with one byte changed', async () => {
    const words = fc
      .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 180 })
      .filter(text => text.trim() === text)
    const header = fc.tuple(fc.constantFrom('Subject', 'To', 'List-Id', 'Subject', 'X-Other'), words)
    const body = fc.oneof(
      fc.string({ unit: 'grapheme-ascii', maxLength: 300 }),
      fc
        .array(fc.constantFrom('\r\n', 'a', ' ', '\t', '.', '=\r\n', 'word'), { maxLength: 40 })
        .map(parts => parts.join('')),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(header, { maxLength: 6 }), body, fc.nat(), async (lines, content, at) => {
        const headers = [headerLine('From', 'news@example.org'), ...lines.map(line => headerLine(...line))]
        // A message on its way ends with CRLF.
        const parts = { headers, body: Buffer.from(`${content}\r\n`) }
        const signature = await signers[kind].sign(parts)
        const raw = Buffer.concat([Buffer.from(`${signature}${headers.join('')}\r\n`), parts.body])
        expect(await verdictOn(raw)).toBe('pass')

        // The first header and the body; blanks at the end of the message and the case of names are not signed.
        const from = raw.indexOf('From: ') + 6
        const start = raw.length - parts.body.length
        const places = [
          ...Array.from({ length: 'news@example.org'.length }, (_, index) => from + index),
          ...Array.from({ length: content.trimEnd().length }, (_, index) => start + index),
        ]
        const changed = Buffer.from(raw)
        const place = places[at % places.length] ?? from
        changed[place] = raw[place] === 0x78 ? 0x79 : 0x78
        expect(await verdictOn(changed)).not.toBe('pass')
      }),
      { numRuns: 300 },
    )
  })
})

test('is made at once with Ed25519 and in another thread with RSA', () => {
  expect(composeNewsletterMessage(prepared, reader, signers.ed25519)).not.toBeInstanceOf(Promise)
  expect(composeNewsletterMessage(prepared, reader, signers.rsa)).toBeInstanceOf(Promise)
})

const signer = (changes: { domain?: string; selector?: string; privateKey?: KeyObject }) => () =>
  createSigner({ domain: 'example.org', selector: 's', privateKey: keys.ed25519.privateKey, ...changes })

test.each<[string, Parameters<typeof signer>[0], string]>([
  [
    'RSA key of 1024 bits',
    { privateKey: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey },
    '2048',
  ],
  ['EC key', { privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }, 'RSA or Ed25519'],
  [
    'RSA-PSS key',
    { privateKey: generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey },
    'RSA or Ed',
  ],
  ['public key', { privateKey: keys.rsa.publicKey }, 'private key'],
  ['selector with a semicolon', { selector: 's; d=evil.example' }, 'selector'],
  ['selector with a line break', { selector: 's\r\n' }, 'selector'],
  ['domain that is empty', { domain: '' }, 'domain'],
])('a signer with a %s is refused', (_, changes, reason) => {
  expect(signer(changes)).toThrow(TypeError)
  expect(signer(changes)).toThrow(reason)
})

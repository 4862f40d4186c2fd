// Messages as facts, made when they arrive, so that a long run need not keep them.
import { createHash } from 'node:crypto'
import type { NewsletterRendition } from '../../src/entities/newsletter-rendition'
import { encodeBody, fillBody, prepareBody } from '../../src/mail/body'
import { fillHeader, type TagValues } from '../../src/mail/tags'
import type { Keyring } from '../../src/secrets/keyring'
import { makeToken, readToken, type TokenPurpose } from '../../src/secrets/token'
import type { MessageFact } from './facts'
import type { Received } from './smtp-sink'

const TOKEN = /(?<![a-z2-7])[a-z2-7]{53}(?![a-z2-7])/g
const NAME = '{name}'

/** Headers unfolded, soft line breaks of the body taken away. */
function opened(data: Buffer): { head: string; body: string } {
  const raw = data.toString('latin1')
  const end = raw.indexOf('\r\n\r\n')
  return {
    head: raw.slice(0, end).replace(/\r\n[ \t]+/g, ' '),
    body: raw.slice(end).replace(/=\r\n/g, ''),
  }
}

const header = (head: string, name: string): string =>
  new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trim() ?? ''

const skeletonText = (subject: string, body: string): string =>
  `${subject}\n${body.replace(TOKEN, '{token}')}`

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24)

export interface Recorder {
  record(received: Received): MessageFact
  /** Text by skeleton, one for each that was ever met. */
  readonly skeletons: Record<string, string>
}

/** `nameOf`: the name under which the reader with this address may be addressed, if any. */
export function createRecorder(
  keyring: Keyring,
  nameOf: (address: string) => string | null | undefined,
): Recorder {
  const skeletons: Record<string, string> = {}
  return {
    skeletons,
    record({ at, to, answer, data }) {
      const { head, body } = opened(data)
      const name = nameOf(to[0] ?? '')
      const whole = skeletonText(header(head, 'Subject'), body)
      const text = name ? whole.replaceAll(name, NAME) : whole
      const skeleton = hashOf(text)
      skeletons[skeleton] ??= text
      const newsletter = /^([0-9a-f-]{36}):/.exec(header(head, 'Feedback-ID'))?.[1] ?? ''
      const references = referencesIn(keyring, `${head}\n${body}`)
      return { at, to, answer, newsletter, toHeader: header(head, 'To'), references, skeleton }
    },
  }
}

const purposes: Record<string, TokenPurpose> = { '/u/': 'unsubscribe', '/p/': 'preferences' }

/** What each token stands for. A link with a token made for something else counts as none of ours. */
function referencesIn(keyring: Keyring, text: string): string[] {
  const found = new Set<string>()
  for (const match of text.matchAll(TOKEN)) {
    const before = text.slice(Math.max(0, match.index - 3), match.index)
    const purpose = purposes[before] ?? 'delivery'
    found.add(readToken(keyring, purpose, match[0])?.toString('hex') ?? '?')
  }
  return [...found]
}

/** What messages made from this rendition look like without their reader: with the name and without. */
export function approvedSkeletons(
  keyring: Keyring,
  rendition: NewsletterRendition,
  values: { site: string; topic: string; publicUrl: URL },
): string[] {
  const token = makeToken(keyring, 'unsubscribe', Buffer.alloc(16))
  const link = (door: 'u' | 'p'): string => new URL(`/${door}/${token}`, values.publicUrl).href
  const encoded = encodeBody(rendition)
  const prepared = prepareBody(encoded, values)
  return [NAME, undefined].map(name => {
    const links = { unsubscribe_url: link('u'), preferences_url: link('p') }
    const filled: TagValues = { site: values.site, topic: values.topic, ...links, name }
    const pieces = fillBody(prepared, filled).map(piece => piece.toString('latin1'))
    const body = pieces.join('').replace(/=\r\n/g, '')
    return hashOf(skeletonText(fillHeader(rendition.subject, filled), `\r\n\r\n${body}`))
  })
}

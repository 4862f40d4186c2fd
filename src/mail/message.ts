// One finished message: envelope, headers and body as the bytes that go through DATA. Plain values in, no configuration.
import { type EncodedBody, encodeFixedBody, fillBody } from './body'
import { dateHeader, exactAddress, HeaderError, headerLine, ownAddress, phrase, unstructured } from './header'
import { fillHeader, type TagValues } from './tags'

export interface Message {
  /** Exactly one recipient (I13); both are canonical addresses. */
  envelope: { from: string; to: string }
  messageId: string
  /** Headers and body, CRLF only, no line over 998 octets, ends with CRLF. */
  raw: Buffer
}

interface Sender {
  siteName: string
  mailFrom: string
  /** Takes bounces: the return path is then `b+TOKEN@bounceDomain`, otherwise `mailFrom`. */
  bounceDomain?: string
  to: string
  /** Delivery or notice token, lower-case base32: the same on every retry, so that the Message-ID is (H7). */
  token: string
  date: Date
}

export interface NewsletterMessage extends Sender {
  /** With merge tags; they are filled from `values`. */
  subject: string
  body: EncodedBody
  values: TagValues
  /** `slug` stays when the topic is renamed (H8); it is also the list part of the Feedback-ID. */
  topic: { slug: string; title: string }
  /** Campaign part of the Feedback-ID: the newsletter's id, the same for every recipient (H11). */
  newsletter: string
  /** 5–15 letters or digits, constant for the site (H11). */
  senderId: string
}

export interface NoticeMessage extends Sender {
  subject: string
  text: string
  html: string
  replyTo?: string
}

// RFC 2045 token without what Feedback-ID (`:`) and domain names (`.`, `_`) give a meaning to.
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/
const TOKEN = /^[a-z2-7]{16,62}$/
const SENDER_ID = /^[A-Za-z0-9]{5,15}$/
const CAMPAIGN = /^[A-Za-z0-9-]{1,64}$/

/** A newsletter to one reader, with everything one-click unsubscribe and list software need. Throws HeaderError. */
export function composeNewsletterMessage(input: NewsletterMessage): Message {
  const { topic, values } = input
  const domain = domainOf(input.mailFrom)
  const slug = checked('List-Id', topic.slug, SLUG)
  const campaign = checked('Feedback-ID', input.newsletter, CAMPAIGN)
  const senderId = checked('Feedback-ID', input.senderId, SENDER_ID)
  const headers = [
    ...commonHeaders(input, fillHeader(input.subject, values)),
    // U1: exactly one URI; RFC 8058 §3.1 wants both headers, and both in the DKIM signature later.
    headerLine('List-Unsubscribe', `<${webAddress('List-Unsubscribe', values.unsubscribe_url)}>`),
    headerLine('List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'),
    headerLine('List-Id', `${phrase('List-Id', topic.title)} <${slug}.lists.${domain}>`),
    headerLine('List-Post', 'NO'),
    headerLine('Feedback-ID', `${campaign}:${slug}:newsletter:${senderId}`),
    headerLine('Precedence', 'bulk'),
  ]
  return assemble(input, headers, input.body.boundary, fillBody(input.body, values))
}

/** A notice about a person's own business (H9): marked as automatic, never as bulk or list mail. Throws HeaderError. */
export function composeNotice(input: NoticeMessage): Message {
  const body = encodeFixedBody(input)
  const headers = [
    ...commonHeaders(input, input.subject),
    ...(input.replyTo ? [headerLine('Reply-To', ownAddress('Reply-To', input.replyTo))] : []),
    headerLine('Auto-Submitted', 'auto-generated'),
  ]
  // A body without slots reads no value, so the link is never used.
  return assemble(input, headers, body.boundary, fillBody(body, { unsubscribe_url: '' }))
}

function commonHeaders(input: Sender, subject: string): string[] {
  const from = ownAddress('From', input.mailFrom)
  return [
    headerLine('From', `${phrase('From', input.siteName)} <${from}>`),
    headerLine('To', exactAddress('To', input.to)),
    headerLine('Subject', unstructured('Subject', subject)),
    headerLine('Date', dateHeader(input.date)),
    headerLine('Message-ID', messageIdOf(input)),
    headerLine('MIME-Version', '1.0'),
  ]
}

const messageIdOf = (input: Sender): string =>
  `<${checked('Message-ID', input.token, TOKEN)}@${domainOf(input.mailFrom)}>`

function assemble(input: Sender, headers: string[], boundary: string, body: Buffer): Message {
  const type = headerLine('Content-Type', `multipart/alternative; boundary="${boundary}"`)
  return {
    envelope: { from: returnPath(input), to: exactAddress('To', input.to) },
    messageId: messageIdOf(input),
    raw: Buffer.concat([Buffer.from(`${headers.join('')}${type}\r\n`, 'latin1'), body]),
  }
}

/** E1: the bounce address carries the token, so that a report can be believed without an address in it. */
const returnPath = ({ bounceDomain, mailFrom, token }: Sender): string =>
  ownAddress('Return-Path', bounceDomain ? `b+${token}@${bounceDomain}` : mailFrom)

const domainOf = (address: string): string => {
  const own = ownAddress('From', address)
  return own.slice(own.lastIndexOf('@') + 1)
}

function checked(header: string, value: string, pattern: RegExp): string {
  if (!pattern.test(value)) throw new HeaderError(header, 'BAD_TOKEN')
  return value
}

function webAddress(header: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!url || !isWeb || /[<>\s]/.test(url.href)) throw new HeaderError(header, 'BAD_URL')
  return url.href
}

// One finished message: envelope, headers and body as the bytes that go through DATA. Plain values in, no configuration.
import { type EncodedBody, encodeFixedBody, fillBody, type PreparedBody, prepareBody } from './body'
import type { Signer } from './dkim'
import { dateHeader, exactAddress, HeaderError, headerLine, ownAddress, phrase, unstructured } from './header'
import { bytesOf, type Part } from './parts'
import { type FixedValues, fillHeader, findTags, type ReaderValues } from './tags'

export interface Message {
  /** Exactly one recipient (I13); both are canonical addresses. */
  envelope: { from: string; to: string }
  messageId: string
  /** Headers and body: CRLF only, no line over 998 octets, ends with CRLF. */
  parts: readonly Part[]
}

interface Sender {
  siteName: string
  mailFrom: string
  /** Takes bounces: the return path is then `b+TOKEN@bounceDomain`, otherwise `mailFrom`. */
  bounceDomain?: string
}

interface Recipient {
  to: string
  /** Delivery or notice token, lower-case base32: the same on every retry, so that the Message-ID is (H7). */
  token: string
  date: Date
}

/** What is the same for every reader of a newsletter in one language. */
export interface NewsletterConstants extends Sender {
  /** With merge tags. */
  subject: string
  body: EncodedBody
  values: FixedValues
  /** What every unsubscribe link starts with, up to and including its last slash; the reader's token follows. */
  unsubscribePrefix: string
  /** `slug` stays when the topic is renamed (H8); it is also the list part of the Feedback-ID. */
  topic: { slug: string; title: string }
  /** Campaign part of the Feedback-ID: the newsletter's id, the same for every recipient (H11). */
  newsletter: string
  /** 5–15 letters or digits, constant for the site (H11). */
  senderId: string
}

export interface ReaderPart extends Recipient {
  name?: string
  /** Lower-case letters and digits: they never need escaping in a link. */
  unsubscribeToken: string
}

export interface PreparedNewsletter {
  sender: PreparedSender
  subject: string
  values: FixedValues
  unsubscribePrefix: string
  body: PreparedBody
  /** The same for readers without a name, or whose name is not used: most of it is the same for all of them. */
  namelessBody: PreparedBody
  /** The Subject line of a reader without a name; undefined where even that is the reader's own, or cannot be written. */
  plainSubject: string | undefined
  isSubjectNamed: boolean
  /** The lines after List-Unsubscribe. */
  tail: readonly string[]
}

export interface NoticeMessage extends Sender, Recipient {
  subject: string
  text: string
  html: string
  replyTo?: string
}

// RFC 2045 token without what Feedback-ID (`:`) and domain names (`.`, `_`) give a meaning to.
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/
const TOKEN = /^[a-z2-7]{16,62}$/
const LINK_TOKEN = /^[a-z0-9]{1,200}$/
const SENDER_ID = /^[A-Za-z0-9]{5,15}$/
const CAMPAIGN = /^[A-Za-z0-9-]{1,64}$/
const MAX_ADDRESS = 254

/** Checks and writes everything that is the same for every reader. Throws HeaderError. */
export function prepareNewsletter(constants: NewsletterConstants): PreparedNewsletter {
  const { topic, subject, values } = constants
  const sender = prepareSender(constants)
  const body = prepareBody(constants.body, values)
  const slug = checked('List-Id', topic.slug, SLUG)
  const campaign = checked('Feedback-ID', constants.newsletter, CAMPAIGN)
  const senderId = checked('Feedback-ID', constants.senderId, SENDER_ID)
  const tags = new Set(findTags(subject).map(({ tag }) => tag))
  return {
    sender,
    subject,
    values,
    body,
    namelessBody: prepareBody(constants.body, values, 'nameless'),
    unsubscribePrefix: linkPrefix('List-Unsubscribe', constants.unsubscribePrefix),
    plainSubject: tags.has('unsubscribe_url') ? undefined : plainSubject(subject, values),
    isSubjectNamed: tags.has('name'),
    tail: [
      headerLine('List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'),
      headerLine('List-Id', `${phrase('List-Id', topic.title)} <${slug}.lists.${sender.domain}>`),
      headerLine('List-Post', 'NO'),
      headerLine('Feedback-ID', `${campaign}:${slug}:newsletter:${senderId}`),
      headerLine('Precedence', 'bulk'),
      contentType(body.boundary),
    ],
  }
}

/**
 * A newsletter to one reader, with everything one-click unsubscribe and list software need. Throws HeaderError.
 * With a signer the message is signed; with an RSA one that takes a thread of its own, hence the promise.
 */
export function composeNewsletterMessage(prepared: PreparedNewsletter, reader: ReaderPart): Message
export function composeNewsletterMessage(
  prepared: PreparedNewsletter,
  reader: ReaderPart,
  signer: Signer | undefined,
): Message | Promise<Message>
export function composeNewsletterMessage(
  prepared: PreparedNewsletter,
  reader: ReaderPart,
  signer?: Signer,
): Message | Promise<Message> {
  const link = prepared.unsubscribePrefix + checked('List-Unsubscribe', reader.unsubscribeToken, LINK_TOKEN)
  const values = { name: reader.name, unsubscribe_url: link }
  const messageId = messageIdOf(prepared.sender, reader)
  const headers = [
    ...commonHeaders(prepared.sender, reader, messageId, subjectOf(prepared, values)),
    // U1: exactly one URI; RFC 8058 §3.1 wants both headers, and both in the DKIM signature.
    headerLine('List-Unsubscribe', `<${link}>`),
    ...prepared.tail,
  ]
  const body = fillBody(reader.name ? prepared.body : prepared.namelessBody, values)
  return assemble(envelopeOf(prepared.sender, reader), messageId, headers, body, signer)
}

/** A notice about a person's own business (H9): marked as automatic, never as bulk or list mail. Throws HeaderError. */
export function composeNotice(input: NoticeMessage): Message
export function composeNotice(input: NoticeMessage, signer: Signer | undefined): Message | Promise<Message>
export function composeNotice(input: NoticeMessage, signer?: Signer): Message | Promise<Message> {
  const { boundary, text } = encodeFixedBody(input)
  const sender = prepareSender(input)
  const messageId = messageIdOf(sender, input)
  const headers = [
    ...commonHeaders(sender, input, messageId, subjectLine(input.subject)),
    ...(input.replyTo ? [headerLine('Reply-To', ownAddress('Reply-To', input.replyTo))] : []),
    headerLine('Auto-Submitted', 'auto-generated'),
    contentType(boundary),
  ]
  return assemble(envelopeOf(sender, input), messageId, headers, [text], signer)
}

interface PreparedSender {
  from: string
  domain: string
  /** The return path, in two halves around the token where it carries one. */
  returnPath: readonly [start: string, end: string] | string
}

function prepareSender({ siteName, mailFrom, bounceDomain }: Sender): PreparedSender {
  const address = ownAddress('From', mailFrom)
  return {
    from: headerLine('From', `${phrase('From', siteName)} <${address}>`),
    domain: address.slice(address.lastIndexOf('@') + 1),
    // E1: the bounce address carries the token, so that a report can be believed without an address in it.
    returnPath: bounceDomain
      ? ['b+', ownAddress('Return-Path', `b@${bounceDomain}`).slice(1)]
      : ownAddress('Return-Path', mailFrom),
  }
}

const MIME_VERSION = headerLine('MIME-Version', '1.0')

const commonHeaders = (
  sender: PreparedSender,
  recipient: Recipient,
  messageId: string,
  subject: string,
): string[] => [
  sender.from,
  headerLine('To', exactAddress('To', recipient.to)),
  subject,
  headerLine('Date', dateHeader(recipient.date)),
  headerLine('Message-ID', messageId),
  MIME_VERSION,
]

const subjectLine = (subject: string): string => headerLine('Subject', unstructured('Subject', subject))

const contentType = (boundary: string): string =>
  headerLine('Content-Type', `multipart/alternative; boundary="${boundary}"`)

function plainSubject(subject: string, values: FixedValues): string | undefined {
  try {
    return subjectLine(fillHeader(subject, { ...values, unsubscribe_url: '' }))
  } catch {
    // Composing fails for each reader concerned, and only for those.
    return undefined
  }
}

function subjectOf(prepared: PreparedNewsletter, values: ReaderValues): string {
  const isPlain = !prepared.isSubjectNamed || !values.name
  if (isPlain && prepared.plainSubject) return prepared.plainSubject
  return subjectLine(fillHeader(prepared.subject, { ...prepared.values, ...values }))
}

const messageIdOf = ({ domain }: PreparedSender, { token }: Recipient): string =>
  `<${checked('Message-ID', token, TOKEN)}@${domain}>`

function assemble(
  envelope: Message['envelope'],
  messageId: string,
  headers: readonly string[],
  body: readonly Part[],
  signer?: Signer,
): Message | Promise<Message> {
  const parts = [`${headers.join('')}\r\n`, ...body]
  if (!signer) return { envelope, messageId, parts }
  const signed = (signature: string): Message => ({ envelope, messageId, parts: [signature, ...parts] })
  const signature = signer.sign({ headers, body: inOnePiece(body) })
  return typeof signature === 'string' ? signed(signature) : signature.then(signed)
}

/** Overwritten by the next message: signers read the body before they answer. */
function inOnePiece(body: readonly Part[]): Buffer {
  const bytes = bytesOf(body, room)
  if (bytes.buffer !== room.buffer) room = bytes
  return bytes
}

let room: Buffer = Buffer.alloc(0)

const envelopeOf = (sender: PreparedSender, recipient: Recipient): Message['envelope'] => ({
  from: returnPathOf(sender, recipient),
  to: recipient.to,
})

function returnPathOf({ returnPath }: PreparedSender, { token }: Recipient): string {
  if (typeof returnPath === 'string') return returnPath
  const address = `${returnPath[0]}${token}${returnPath[1]}`
  if (address.length > MAX_ADDRESS) throw new HeaderError('Return-Path', 'BAD_ADDRESS')
  return address
}

function checked(header: string, value: string, pattern: RegExp): string {
  if (!pattern.test(value)) throw new HeaderError(header, 'BAD_TOKEN')
  return value
}

/** Only as it would come out of the URL parser, so that prefix and token together need no parser any more. */
function linkPrefix(header: string, value: string): string {
  const isWeb = /^https?:/.test(value) && URL.canParse(value) && new URL(value).href === value
  if (!isWeb || !value.endsWith('/') || /[<>\s]/.test(value)) throw new HeaderError(header, 'BAD_URL')
  return value
}

// One finished message: envelope, headers and body as the bytes that go through DATA. Plain values in, no configuration.
import {
  type BodyPiece,
  type EncodedBody,
  encodeFixedBody,
  fillBody,
  type PreparedBody,
  prepareBody,
} from './body'
import type { Signer } from './dkim'
import { dateHeader, exactAddress, HeaderError, headerLine, ownAddress, phrase, unstructured } from './header'
import { type FixedValues, fillHeader, findTags, isLinkTag, type TagValues } from './tags'

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
  /** The same of the links to the preferences. */
  preferencesPrefix: string
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
  preferencesToken: string
}

export interface PreparedNewsletter {
  sender: PreparedSender
  subject: string
  values: FixedValues
  unsubscribePrefix: string
  preferencesPrefix: string
  body: PreparedBody
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
    unsubscribePrefix: linkPrefix('List-Unsubscribe', constants.unsubscribePrefix),
    preferencesPrefix: linkPrefix('Preferences', constants.preferencesPrefix),
    plainSubject: [...tags].some(isLinkTag) ? undefined : plainSubject(subject, values),
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
  const preferences = prepared.preferencesPrefix + checked('Preferences', reader.preferencesToken, LINK_TOKEN)
  const values = {
    ...prepared.values,
    name: reader.name,
    unsubscribe_url: link,
    preferences_url: preferences,
  }
  const headers = [
    ...commonHeaders(prepared.sender, reader, subjectOf(prepared, values)),
    // U1: exactly one URI; RFC 8058 §3.1 wants both headers, and both in the DKIM signature.
    headerLine('List-Unsubscribe', `<${link}>`),
    ...prepared.tail,
  ]
  return assemble(prepared.sender, reader, headers, fillBody(prepared.body, values), signer)
}

/** A notice about a person's own business (H9): marked as automatic, never as bulk or list mail. Throws HeaderError. */
export function composeNotice(input: NoticeMessage): Message
export function composeNotice(input: NoticeMessage, signer: Signer | undefined): Message | Promise<Message>
export function composeNotice(input: NoticeMessage, signer?: Signer): Message | Promise<Message> {
  const { boundary, pieces } = encodeFixedBody(input)
  const sender = prepareSender(input)
  const headers = [
    ...commonHeaders(sender, input, subjectLine(input.subject)),
    ...(input.replyTo ? [headerLine('Reply-To', ownAddress('Reply-To', input.replyTo))] : []),
    headerLine('Auto-Submitted', 'auto-generated'),
    contentType(boundary),
  ]
  return assemble(sender, input, headers, pieces, signer)
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

const commonHeaders = (sender: PreparedSender, recipient: Recipient, subject: string): string[] => [
  sender.from,
  headerLine('To', exactAddress('To', recipient.to)),
  subject,
  headerLine('Date', dateHeader(recipient.date)),
  headerLine('Message-ID', messageIdOf(sender, recipient)),
  MIME_VERSION,
]

const subjectLine = (subject: string): string => headerLine('Subject', unstructured('Subject', subject))

const contentType = (boundary: string): string =>
  headerLine('Content-Type', `multipart/alternative; boundary="${boundary}"`)

function plainSubject(subject: string, values: FixedValues): string | undefined {
  try {
    return subjectLine(fillHeader(subject, { ...values, unsubscribe_url: '', preferences_url: '' }))
  } catch {
    // Composing fails for each reader concerned, and only for those.
    return undefined
  }
}

function subjectOf(prepared: PreparedNewsletter, values: TagValues): string {
  const isPlain = !prepared.isSubjectNamed || !values.name
  return (isPlain && prepared.plainSubject) || subjectLine(fillHeader(prepared.subject, values))
}

const messageIdOf = ({ domain }: PreparedSender, { token }: Recipient): string =>
  `<${checked('Message-ID', token, TOKEN)}@${domain}>`

function assemble(
  sender: PreparedSender,
  recipient: Recipient,
  headers: readonly string[],
  body: readonly BodyPiece[],
  signer?: Signer,
): Message | Promise<Message> {
  const envelope = { from: returnPathOf(sender, recipient), to: recipient.to }
  const messageId = messageIdOf(sender, recipient)
  const head = `${headers.join('')}\r\n`
  const whole = joined([head, ...body], signer ? SIGNATURE_ROOM : 0)
  if (!signer) return { envelope, messageId, raw: whole }
  const signed = (signature: string): Message => ({
    envelope,
    messageId,
    raw: withSignature(signature, whole),
  })
  const signature = signer.sign({ headers, body: whole.subarray(SIGNATURE_ROOM + head.length) })
  return typeof signature === 'string' ? signed(signature) : signature.then(signed)
}

/** Bytes kept free before the message, so that its 30 kB are not copied again. An RSA key of 4096 bits needs 1,100. */
const SIGNATURE_ROOM = 2048

function withSignature(signature: string, whole: Buffer): Buffer {
  const start = SIGNATURE_ROOM - signature.length
  if (start < 0) return Buffer.concat([Buffer.from(signature, 'latin1'), whole.subarray(SIGNATURE_ROOM)])
  whole.write(signature, start, 'latin1')
  return whole.subarray(start)
}

/** One buffer, without a string as long as the message on the way: that costs as much again. All ASCII. */
function joined(pieces: readonly BodyPiece[], room: number): Buffer {
  const whole = Buffer.allocUnsafe(pieces.reduce((length, piece) => length + piece.length, room))
  let at = room
  for (const piece of pieces)
    at += typeof piece === 'string' ? whole.write(piece, at, 'latin1') : piece.copy(whole, at)
  return whole
}

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

// The words in which a test asks the sink for a fault, and what each does at its step.

/** What is answered instead of the usual reply. 999 is no code of SMTP. */
export const CODES = [
  '250',
  '421',
  '450',
  '451',
  '452',
  '454',
  '500',
  '530',
  '535',
  '550',
  '552',
  '553',
  '554',
  '999',
] as const
/** The connection is of no use afterwards: reset, FIN, nothing ever again, half a line and FIN, half a reply and nothing. */
const ENDINGS = ['reset', 'close', 'silent', 'half', 'half250', 'unfinished', 'multi-unfinished'] as const
/** A line that is no reply. */
const NONSENSE = ['garbage', 'abc', '2nd'] as const
/** The usual reply, told in an unusual way. */
const MANNERS = ['slow', 'bytes', 'multi', 'twice', 'contradicted', 'long', 'barelf', 'bare'] as const
/** `stripped-ehlo` does not offer STARTTLS, `injected-starttls` adds plaintext to its reply, `lax-data` needs no recipient. */
const OTHERS = ['stripped', 'injected', 'lax'] as const
const KINDS = [...CODES, ...ENDINGS, ...NONSENSE, ...MANNERS, ...OTHERS] as const

/** Only the whole server can fail here. `any` is every reply, `idle` the moment after a finished message. */
const SERVER_PLACES = ['banner', 'ehlo', 'starttls', 'auth', 'mail', 'idle', 'any'] as const
/** `dot` and `after-dot` are one place: the reply to a finished message; so are `in-body` and `before-dot`. */
const PLACES = [
  'rcpt',
  'data',
  'after-354',
  'in-body',
  'before-dot',
  'dot',
  'after-dot',
  ...SERVER_PLACES,
] as const

export type FaultKind = (typeof KINDS)[number]
export type FaultPlace = Exclude<(typeof PLACES)[number], 'before-dot' | 'after-dot'>

/** `450-rcpt`, `reset-after-dot`; with `x2` the first two times only (`450x2-rcpt`). */
export type Fault = `${FaultKind}${'' | `x${number}`}-${(typeof PLACES)[number]}`

export interface ParsedFault {
  kind: FaultKind
  place: FaultPlace
  /** How often it is played: for ever, or so many times for each who asks. */
  times: number
}

const alternatives = (words: readonly string[]): string =>
  [...words].sort((one, other) => other.length - one.length).join('|')
const GRAMMAR = new RegExp(`^(${alternatives(KINDS)})(?:x(\\d+))?-(${alternatives(PLACES)})(?:\\.|$)`)
const PLACE_OF: Readonly<Record<string, FaultPlace>> = { 'before-dot': 'in-body', 'after-dot': 'dot' }

/** The fault that a local part or a test asks for by its beginning (`450-rcpt.anything`), if any. */
export function parseFault(text: string): ParsedFault | undefined {
  const [, kind, times, place = ''] = GRAMMAR.exec(text) ?? []
  if (!kind) return undefined
  return {
    kind: kind as FaultKind,
    place: PLACE_OF[place] ?? (place as FaultPlace),
    times: times === undefined ? Number.POSITIVE_INFINITY : Number(times),
  }
}

export const isOfServer = ({ place }: ParsedFault): boolean => SERVER_PLACES.some(one => one === place)

/** Codes that can be asked for by a recipient, where servers use them. */
const REFUSALS = ['421', '450', '451', '452', '454', '550', '552', '553', '554'] as const
const AT_A_REPLY = [...ENDINGS, ...NONSENSE, ...MANNERS, '999'] as const
const OUTSIDE_REPLIES = ['reset', 'close', 'silent', '250', '421', '554'] as const

/** Everything a recipient can ask for. */
export const FAULTS: readonly Fault[] = [
  ...(['rcpt', 'data', 'dot'] as const).flatMap(place => REFUSALS.map((code): Fault => `${code}-${place}`)),
  ...(['rcpt', 'data', 'after-dot'] as const).flatMap(place =>
    AT_A_REPLY.map((kind): Fault => `${kind}-${place}`),
  ),
  ...(['after-354', 'in-body'] as const).flatMap(place =>
    OUTSIDE_REPLIES.map((kind): Fault => `${kind}-${place}`),
  ),
]

const REPLIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  250: { '': '2.0.0 accepted already' },
  421: { banner: '4.7.0 too many connections from you, try later', '': '4.3.2 closing' },
  450: {
    mail: '4.7.0 too many messages from you, try later',
    rcpt: '4.2.1 <TO> try later',
    dot: '4.7.1 greylisted',
    '': '4.3.2 not now',
  },
  451: { rcpt: '4.7.1 greylisting in action, come back later', '': '4.3.0 not now' },
  452: { rcpt: '4.2.2 <TO> mailbox full', '': '4.3.1 insufficient system storage' },
  454: {
    starttls: '4.7.0 TLS not available due to a temporary reason',
    auth: '4.7.0 temporary authentication failure',
    rcpt: '4.7.1 <TO> relay access denied for now',
    '': '4.3.0 temporary failure',
  },
  500: { '': '5.5.1 command not recognised' },
  530: { '': '5.7.0 authentication required' },
  535: { '': '5.7.8 authentication credentials invalid' },
  550: {
    rcpt: '5.1.1 <TO> no such mailbox',
    mail: '5.1.8 sender address rejected: domain not found',
    '': '5.7.1 refused by policy',
  },
  552: { rcpt: '5.2.2 <TO> mailbox full', '': '5.3.4 message size exceeds fixed limit' },
  553: {
    rcpt: '5.1.3 <TO> bad mailbox name',
    mail: '5.1.7 bad sender address syntax',
    '': '5.7.1 sender is not allowed here',
  },
  554: {
    banner: '5.7.1 no SMTP service for you here',
    rcpt: '5.7.1 <TO> relay access denied',
    'in-body': '5.7.1 content refused',
    '': '5.7.1 refused',
  },
  999: { '': '9.9.9 what' },
}

/** Code, enhanced code and words of a refusal, as servers use them at that step. */
export function refusal(code: string, place: FaultPlace, to: string): string {
  const words = REPLIES[code] ?? {}
  return `${code} ${words[place] ?? words[''] ?? 'refused'}`.replace('TO', to)
}

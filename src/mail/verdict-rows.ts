// The status-code table of standards.md, as far as it is about live replies, row by row. The words in quotes are the
// table's own; what it says of reports that come by mail (DSN, ARF) is not here.

/** Where a transaction stands; `dot` is the reply to the finished message. */
export type Stage = 'connect' | 'mail' | 'rcpt' | 'data' | 'body' | 'dot'

/**
 * keep: back to the queue, no attempt spent · by-code: 4yz retry, 5yz fail (RFC 5321 §4.2.1: the basic code decides
 * that, E5, E6) · none: not for a refusal to decide (accepted, or I5).
 */
type MessageAction = 'retry' | 'fail' | 'keep' | 'none' | 'by-code'

/**
 * soft: one on the soft counter (`mailbox-full` and `disabled` have limits of their own) · soft-when-given-up: only
 * if no later attempt gets through · hard: suppress · hard-at-second: suppress if it fails again a day later ·
 * no-eai: its path does not take international addresses.
 */
export type AddressAction = 'none' | 'soft' | 'soft-when-given-up' | 'hard' | 'hard-at-second' | 'no-eai'

/** A breaker counts this reply; its numbers are its own business (standards §N). */
export type SenderAction =
  | 'go-on'
  | 'back-off'
  | 'block-breaker'
  | 'auth-breaker'
  | 'bounce-breaker'
  | 'content-breaker'
  | 'pause-newsletters'
  | { readonly pauseMs: number }

export interface Row {
  category: string
  /** Matched against `550 5.1.1`, `550 -` (no enhanced code) or `- -` (no reply). */
  reply: RegExp
  text?: RegExp
  stages?: readonly Stage[]
  /** Text guard: not where the words also say that the user or the domain does not exist. */
  isGuard?: true
  action: readonly [message: MessageAction, address: AddressAction, sender: SenderAction]
  /** A new attempt before that is refused again. */
  minRetryMs?: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const BEFORE_MESSAGE: readonly Stage[] = ['connect', 'mail', 'data']

// Words of real servers. Every repetition is bounded, so each pattern is linear.
export const UNKNOWN_DOMAIN =
  /nxdomain|unrouteable|(?:domain|host)(?: or domain)?(?: name)?(?: is)? (?:unknown|not found|does ?n[o']t exist|does not exist)|unknown (?:domain|host)|no mail exchanger/i
export const UNKNOWN_USER =
  /(?:user|recipient|mailbox|address|account|inbox)(?: \S{1,254})?(?: is| was)? (?:unknown|not found|not available here|invalid|does ?n[o']t exist|does not exist)|(?:unknown|no such|invalid|nonexistent|non-existent) (?:user|recipient|mailbox|address|account|person|local)|(?:that you tried to reach|mailbox) does ?n[o']t exist|recipientnotfound|nosuchuser|not a valid (?:user|mailbox|recipient)|no mailbox here/i
const SENDER =
  /sender (?:address |domain )?(?:verif|rejected|denied|unknown|not found)|verification failed for/i
const NULL_MX = /null ?mx|domain does not accept (?:e?mail|messages)/i
const AUTHENTICATION =
  /\b(?:dmarc|spf|dkim|ptr)\b|reverse dns|unauthenticated|not? (?:tls|encrypted) connection|requires? (?:a )?(?:secure|tls)/i
const SENDER_RATE =
  /rate.?limit|throttl|too many (?:connections|concurrent|messages|e?mails|sessions|errors)|unusual (?:rate|amount|volume)|unexpected volume|(?:sending|message|messages|hourly|daily|connection)(?: \w{1,20})? (?:limit|quota)(?: \w{1,20})? (?:exceeded|reached)|exceeded (?:the |your )?(?:\w{1,20} )?(?:sending|message|connection) (?:limit|quota|rate)|(?:sending|connecting) too (?:fast|quickly|often)/i
const RECIPIENT_RATE = /receiving (?:e?mail|messages) (?:at a rate|too quickly)|at a rate that prevents/i
const FULL =
  /(?:mailbox|mail box|inbox|mail ?drop)(?: \S{1,254})?(?: is| was)? full|over ?quota|quota ?(?:is )?(?:exceeded|full)|exceed\w{0,4} (?:\w{1,20} ){0,3}quota|out of storage|storage (?:quota|limit)|mailbox (?:size )?(?:limit|quota) exceeded/i
const CONTENT =
  /(?:its|message|mail|body|the) content|content (?:rejected|filter|restriction)|security issue|virus|malware|phishing|attachment|(?:message|mail)(?: is| was)? too (?:big|large)|(?:message )?size (?:limit|exceeds)|exceeds (?:the )?(?:\w{1,20} ){0,3}(?:message )?size/i
const LISTED =
  /spam|(?:block|black|deny) ?list|\brbl\b|dnsbl|\bblocked\b|reputation|unsolicited|\[bl\d{1,3}\]|\bsc-00\d|\bs31[45]0/i
const POLICY = /\bpolic(?:y|ies)\b|administrative(?:ly)? (?:prohibition|prohibited|denied)/i

// Top down, the first match wins. A row that settles by words stands before those that settle by codes.
export const ROWS = [
  // Accepted (2.y.z). A 3yz or anything else out of place is no refusal we could read.
  { category: 'none', reply: /^2/, action: ['none', 'none', 'go-on'] },
  // I5: no readable reply to the finished message is settled as unknown, never tried again by itself.
  { category: 'undetermined', reply: /^[^45]/, stages: ['dot'], action: ['none', 'none', 'back-off'] },
  // "connect error, timeout, DNS SERVFAIL"
  { category: 'network', reply: /^[^45]/, action: ['retry', 'soft-when-given-up', 'back-off'] },
  // "530/534/535, 454 4.7.0 from our relay" (538: RFC 4954 §6). Before the guard: words like "policy" are about us here.
  {
    category: 'our-config',
    reply: /^53[0458] |^454 4\.7\.0$/,
    action: ['keep', 'none', 'pause-newsletters'],
  },

  // --- Text guard: none of these words is ever a reason to suppress, whatever the code (finding 2) ---
  // Exim's call-back: about our address, however much it talks of users that do not exist.
  { category: 'policy', reply: /^[45]/, text: SENDER, action: ['by-code', 'none', 'block-breaker'] },
  // Gmail "out of storage … and inactive", "OverQuotaPerm": the one exception of the mailbox-full row.
  {
    category: 'dead-mailbox',
    reply: /^5/,
    text: /out of storage space and inactive|overquotaperm/i,
    action: ['fail', 'hard', 'bounce-breaker'],
  },
  // "450 4.2.1; 550 5.2.1 'at a rate' (Gmail)"
  {
    category: 'recipient-throttled',
    reply: /^[45]/,
    text: RECIPIENT_RATE,
    action: ['by-code', 'none', 'go-on'],
  },
  // Yahoo TSS05 4 h, TSS04 2 h, the other TS0x and IPTS ≥ 10 min; Microsoft RP-001…003 30 min.
  { category: 'throttle', reply: /^4/, text: /\bTSS05\b/i, action: ['keep', 'none', { pauseMs: 4 * HOUR }] },
  { category: 'throttle', reply: /^4/, text: /\bTSS04\b/i, action: ['keep', 'none', { pauseMs: 2 * HOUR }] },
  {
    category: 'throttle',
    reply: /^4/,
    text: /\b(?:TSS?|IPTS)\d{2}\b/i,
    action: ['keep', 'none', { pauseMs: 10 * MINUTE }],
  },
  {
    category: 'throttle',
    reply: /^4/,
    text: /\bRP-00[1-3]\b/i,
    action: ['keep', 'none', { pauseMs: 30 * MINUTE }],
  },
  // "greylist": servers tell how long; a quarter of an hour suits most.
  {
    category: 'greylist',
    reply: /^4/,
    text: /gr[ae]y.?list/i,
    action: ['retry', 'none', 'go-on'],
    minRetryMs: 15 * MINUTE,
  },
  // "421/451 4.7.23/24/26/27/29/30/31/32/40 and 421 5.7.32": hold. One hour is the auth breaker's first pause (§N).
  {
    category: 'auth-hold',
    reply: /^4(?:21|51) 4\.7\.(?:2[34679]|3[0-2]|40)$|^421 5\.7\.32$/,
    action: ['keep', 'none', { pauseMs: HOUR }],
  },
  { category: 'auth', reply: /^4/, text: AUTHENTICATION, action: ['retry', 'none', { pauseMs: HOUR }] },
  { category: 'auth', reply: /^5/, text: AUTHENTICATION, action: ['fail', 'none', 'auth-breaker'] },
  // "5.7.28 flood": it always talks of rates, so it stands before them.
  { category: 'flood', reply: /^5\d\d 5\.7\.28$/, action: ['fail', 'none', { pauseMs: 24 * HOUR }] },
  // "4.7.5xx–6xx (Microsoft)": Outlook 30 min.
  {
    category: 'throttle',
    reply: /^4\d\d 4\.7\.[56]\d\d$/,
    action: ['keep', 'none', { pauseMs: 30 * MINUTE }],
  },
  // "too many connections" and its like: about our speed, so a deferral spends no attempt.
  {
    category: 'throttle',
    reply: /^4/,
    text: SENDER_RATE,
    isGuard: true,
    action: ['keep', 'none', { pauseMs: 10 * MINUTE }],
  },
  {
    category: 'throttle',
    reply: /^5/,
    text: SENDER_RATE,
    isGuard: true,
    action: ['fail', 'none', { pauseMs: 10 * MINUTE }],
  },
  {
    category: 'mailbox-full',
    reply: /^[45]/,
    text: FULL,
    isGuard: true,
    action: ['by-code', 'soft', 'go-on'],
  },
  // "421 4.7.0, 4.7.28": Gmail explains them with spam, yet they are its throttle.
  {
    category: 'throttle',
    reply: /^421 4\.7\.0$|^4\d\d 4\.7\.28$/,
    action: ['keep', 'none', { pauseMs: 10 * MINUTE }],
  },
  {
    category: 'content',
    reply: /^[45]/,
    text: CONTENT,
    isGuard: true,
    action: ['by-code', 'none', 'content-breaker'],
  },
  {
    category: 'policy',
    reply: /^[45]/,
    text: LISTED,
    isGuard: true,
    action: ['by-code', 'none', 'block-breaker'],
  },
  {
    category: 'policy',
    reply: /^[45]/,
    text: POLICY,
    isGuard: true,
    action: ['by-code', 'none', 'block-breaker'],
  },

  // --- Codes, 4yz ---
  { category: 'network', reply: /^4\d\d 4\.4\.[1235]$/, action: ['retry', 'soft-when-given-up', 'back-off'] },
  // "421/451 4.3.x, 452 4.3.1, 4.5.3"; a bare 421 closes the channel (RFC 5321 §3.8).
  {
    category: 'remote-busy',
    reply: /^(?:421|451) 4\.3\.|^421 -$|^452 4\.3\.1$|^4\d\d 4\.5\.3$/,
    action: ['retry', 'none', 'back-off'],
  },
  {
    category: 'greylist',
    reply: /^45[01] 4\.(?:7\.1|2\.0)$/,
    action: ['retry', 'none', 'go-on'],
    minRetryMs: 15 * MINUTE,
  },
  { category: 'recipient-throttled', reply: /^450 4\.2\.1$/, action: ['retry', 'none', 'go-on'] },

  // --- Codes, 5yz: about us ---
  // "550 5.7.20–27, 5.7.29/30/32/40, 5.7.509, 5.7.515"
  {
    category: 'auth',
    reply: /^5\d\d 5\.7\.(?:2[0-7]|29|30|32|40|509|515)$/,
    action: ['fail', 'none', 'auth-breaker'],
  },
  // "501/553 5.1.7, 5.1.8": no other message would fare better, so it waits until somebody has repaired the sender.
  { category: 'our-sender', reply: /^5\d\d 5\.1\.[78]$/, action: ['keep', 'none', 'pause-newsletters'] },
  // "552 5.3.4, 5.2.3, 5.6.x, 552 5.7.0 content"; 5.6.7 and 5.6.8 have their own row.
  {
    category: 'content',
    reply: /^5\d\d 5\.(?:3\.4|2\.3|6\.(?![78]$)\d+)$|^552 5\.7\.0$/,
    action: ['fail', 'none', 'content-breaker'],
  },
  // "550 5.7.1, 5.7.0, 5.7.606–649, Yahoo 554 5.7.9"
  {
    category: 'policy',
    reply: /^5\d\d 5\.7\.(?:[019]|60[6-9]|6[1-4]\d)$/,
    action: ['fail', 'none', 'block-breaker'],
  },
  // "550/553 5.6.7/8, no SMTPUTF8"
  { category: 'no-eai', reply: /^5\d\d 5\.6\.[78]$/, action: ['fail', 'no-eai', 'go-on'] },
  { category: 'no-eai', reply: /^5/, text: /smtputf8/i, action: ['fail', 'no-eai', 'go-on'] },
  // "5.5.x/500–504 from our relay": not after RCPT, where one reader's address could halt everybody's mail. 5.5.0 is generic.
  {
    category: 'our-config',
    reply: /^50[0-4] (?:-|5\.5\.\d+)$|^5\d\d 5\.5\.[1-9]\d*$/,
    stages: BEFORE_MESSAGE,
    action: ['keep', 'none', 'pause-newsletters'],
  },

  // --- Codes, 5yz: about the address ---
  // "5.1.1, 5.1.6, 551, 5.1.351, 5.1.10 as Exchange RecipientNotFound"
  {
    category: 'dead-mailbox',
    reply: /^5\d\d 5\.1\.(?:1|6|351)$|^551 /,
    action: ['fail', 'hard', 'bounce-breaker'],
  },
  {
    category: 'dead-mailbox',
    reply: /^5\d\d 5\.1\.10$/,
    text: UNKNOWN_USER,
    action: ['fail', 'hard', 'bounce-breaker'],
  },
  // "hard if H4 agrees, else soft": only addresses of that grammar are ever offered.
  { category: 'bad-syntax', reply: /^5\d\d 5\.1\.3$/, action: ['fail', 'soft', 'go-on'] },
  // "null MX 556/5.1.10 at once"; "5.1.2, 5.4.4, NXDOMAIN, 521: hard at 2nd failure ≥ 24 h apart".
  { category: 'dead-domain', reply: /^556 |^5\d\d 5\.1\.10$/, action: ['fail', 'hard', 'go-on'] },
  { category: 'dead-domain', reply: /^5/, text: NULL_MX, action: ['fail', 'hard', 'go-on'] },
  {
    category: 'dead-domain',
    reply: /^521 |^5\d\d 5\.(?:1\.2|4\.4)$/,
    action: ['fail', 'hard-at-second', 'go-on'],
  },
  { category: 'dead-domain', reply: /^5/, text: UNKNOWN_DOMAIN, action: ['fail', 'hard-at-second', 'go-on'] },
  // "550 without enhanced code at RCPT stage"
  {
    category: 'dead-mailbox',
    reply: /^550 -$/,
    stages: ['rcpt'],
    action: ['fail', 'hard', 'bounce-breaker'],
  },
  // "5yz without enhanced code at connect/MAIL/DATA stage"
  {
    category: 'policy',
    reply: /^5\d\d -$/,
    stages: BEFORE_MESSAGE,
    action: ['fail', 'soft', 'block-breaker'],
  },
  // "5.2.1, 525 5.7.13: hard if text says not exist/DisabledUser/inactive; else soft 1, limit 2"
  {
    category: 'disabled',
    reply: /^5\d\d 5\.(?:2\.1|7\.13)$/,
    text: /does ?n[o']t exist|does not exist|disableduser|inactive/i,
    action: ['fail', 'hard', 'bounce-breaker'],
  },
  { category: 'disabled', reply: /^5\d\d 5\.(?:2\.1|7\.13)$/, action: ['fail', 'soft', 'go-on'] },
  // "452/552 x.2.2"
  { category: 'mailbox-full', reply: /^[45]\d\d [45]\.2\.2$/, action: ['by-code', 'soft', 'go-on'] },
  // "550 5.4.1 Access denied (Exchange Online)"
  {
    category: 'likely-dead',
    reply: /^5\d\d 5\.4\.1$/,
    text: /access denied/i,
    action: ['fail', 'hard-at-second', 'bounce-breaker'],
  },
  // RFC 7293 §5.1 (RRVS): the mailbox has another owner now; the caller ends the consent too.
  { category: 'owner-changed', reply: /^5\d\d 5\.7\.1[78]$/, action: ['fail', 'hard', 'go-on'] },
  { category: 'expired', reply: /^5\d\d 5\.4\.7$/, action: ['fail', 'soft', 'go-on'] },
  // "5.2.0, 5.2.4, 5.1.0, 5.3.x, 5.4.6, 5.1.4", "5.0.0, 5.5.0, 554 bare, any other 5yz": text says unknown user → hard.
  { category: 'dead-mailbox', reply: /^5/, text: UNKNOWN_USER, action: ['fail', 'hard', 'bounce-breaker'] },
  {
    category: 'other-permanent',
    reply: /^5\d\d 5\.(?:2\.[04]|1\.[04]|3\.\d+|4\.6)$/,
    action: ['fail', 'soft', 'go-on'],
  },
  { category: 'generic', reply: /^5/, action: ['fail', 'soft', 'go-on'] },
] as const satisfies readonly Row[]

/** "any other 4yz" */
export const TRANSIENT = {
  category: 'transient',
  action: ['retry', 'soft-when-given-up', 'go-on'],
} as const

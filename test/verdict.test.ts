import fc from 'fast-check'
import { judgeReply, type Reply, type Verdict } from '../src/mail/verdict'
import { ROWS } from '../src/mail/verdict-rows'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
type Expected = [
  Verdict['category'],
  Verdict['message'],
  Verdict['address'],
  Verdict['sender'],
  minRetryMs?: number,
]
type Case = [reply: string, expected: Expected, stage?: Reply['stage']]

const REPLY = /^(\d{3})[ -](?:([245]\.\d+\.\d+) )?/

/** A reply as it stands on the wire. */
function judged(reply: string, stage: Reply['stage'] = 'rcpt'): Verdict {
  const [start, code, enhanced] = REPLY.exec(reply) ?? ['']
  return judgeReply({
    stage,
    code: code ? Number(code) : undefined,
    enhanced,
    text: reply.slice(start.length),
  })
}

const paused = (pauseMs: number): Expected => ['throttle', 'keep', 'none', { pauseMs }]
const policy = (message: 'retry' | 'fail'): Expected => ['policy', message, 'none', 'block-breaker']
const hold: Expected = ['auth-hold', 'keep', 'none', { pauseMs: HOUR }]
const auth: Expected = ['auth', 'fail', 'none', 'auth-breaker']
const content: Expected = ['content', 'fail', 'none', 'content-breaker']
const dead: Expected = ['dead-mailbox', 'fail', 'hard', 'bounce-breaker']
const config: Expected = ['our-config', 'keep', 'none', 'pause-newsletters']
const greylist: Expected = ['greylist', 'retry', 'none', 'go-on', 15 * MINUTE]
const busy: Expected = ['remote-busy', 'retry', 'none', 'back-off']
const network: Expected = ['network', 'retry', 'soft-when-given-up', 'back-off']

const cases: Case[] = [
  // accepted; no reply
  ['250 2.0.0 OK  1700000000 d2e1a72fcca58-gsmtp', ['none', 'none', 'none', 'go-on'], 'dot'],
  ['', network, 'connect'],
  ['connect ECONNREFUSED 127.0.0.1:25', network, 'connect'],
  ['', network, 'body'],
  ['', ['undetermined', 'none', 'none', 'back-off'], 'dot'],
  ['451 4.4.1 No answer from host', network],
  ['451 4.4.3 Temporary server error. Please try again later', network, 'dot'],
  // text guard: never suppress, whatever the code
  ['550 5.1.1 Message rejected: your IP is on our block list', policy('fail')],
  ['550 5.1.1 Recipient address rejected: blocked by policy', policy('fail')],
  ['550 5.1.1 rejected by DMARC policy of the sender domain', auth],
  ['550 5.1.1 rate limit exceeded', ['throttle', 'fail', 'none', { pauseMs: 10 * MINUTE }]],
  ['550 mailbox full', ['mailbox-full', 'fail', 'soft', 'go-on']],
  ['550 5.1.1 the message contains a virus', content],
  ['451 4.7.1 Message deferred due to suspected spam', policy('retry'), 'dot'],
  ['550 5.1.1 User unknown; see our policy at https://example.org', dead],
  [
    '550-Verification failed for <news@example.org>\r\n550-No Such User Here\r\n550 Sender verify failed',
    policy('fail'),
  ],
  // remote busy
  ['421 4.3.0 Temporary System Problem.  Try again later', busy, 'connect'],
  ['421 Service not available, closing transmission channel', busy, 'connect'],
  ['452 4.3.1 Insufficient system storage', busy, 'mail'],
  ['452 4.5.3 Domain policy size per transaction exceeded', policy('retry')],
  ['452 4.5.3 Error: too many recipients', busy],
  // greylist
  [
    '450 4.7.1 <a@example.net>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch',
    greylist,
  ],
  ['451 4.7.1 Please try again later', greylist],
  ['450 4.2.0 Temporarily unavailable', greylist],
  // recipient throttled
  [
    '450-4.2.1 The user you are trying to contact is receiving mail at a rate that\r\n450-4.2.1 prevents additional messages from being delivered.',
    ['recipient-throttled', 'retry', 'none', 'go-on'],
  ],
  [
    '550-5.2.1 The user you are trying to contact is receiving mail at a\r\n550-5.2.1 rate that prevents additional messages from being delivered.',
    ['recipient-throttled', 'fail', 'none', 'go-on'],
  ],
  ['450 4.2.1 Try later', ['recipient-throttled', 'retry', 'none', 'go-on']],
  // throttle
  [
    '421-4.7.0 [192.0.2.1      15] Our system has detected that this message is\r\n421-4.7.0 suspicious due to the very low reputation of the sending IP address.',
    paused(10 * MINUTE),
    'dot',
  ],
  [
    '421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating\r\n421-4.7.28 from your IP address. To protect our users from spam, mail sent from\r\n421-4.7.28 your IP address has been temporarily rate limited.',
    paused(10 * MINUTE),
    'dot',
  ],
  ['421 4.7.0 Try again later, closing connection.', paused(10 * MINUTE), 'connect'],
  [
    '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
    paused(2 * HOUR),
    'mail',
  ],
  ['421 4.7.0 [TSS05] Messages from 192.0.2.1 temporarily deferred', paused(4 * HOUR), 'mail'],
  [
    '421 4.7.0 [TS01] Messages from 192.0.2.1 temporarily deferred due to user complaints',
    paused(10 * MINUTE),
    'mail',
  ],
  ['421 4.7.1 [IPTS04] Messages from 192.0.2.1 temporarily deferred', paused(10 * MINUTE), 'mail'],
  [
    "421 RP-001 (BAY004-OMC1S1) Unfortunately, some messages from 192.0.2.1 weren't sent. The mail server IP connecting to Outlook.com server has exceeded the rate limit allowed.",
    paused(30 * MINUTE),
    'connect',
  ],
  [
    '451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.',
    paused(30 * MINUTE),
    'mail',
  ],
  [
    '451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (AS77712)',
    paused(30 * MINUTE),
    'rcpt',
  ],
  ['421 too many connections from your host', paused(10 * MINUTE), 'connect'],
  // authentication held
  [
    '421-4.7.26 Your email has been rate limited because it is unauthenticated. Gmail\r\n421-4.7.26 requires all senders to authenticate with either SPF or DKIM.',
    hold,
    'dot',
  ],
  ['421-4.7.23 The IP address sending this message does not have a PTR record', hold, 'dot'],
  ['421-4.7.29 Your email has been rate limited because this connection did not use TLS', hold, 'dot'],
  ['451 4.7.40 rate limited because the domain has no DMARC record', hold, 'dot'],
  ['421-5.7.32 rate limited: From header is not aligned', hold, 'dot'],
  ['451 4.7.1 DKIM could not be verified now', ['auth', 'retry', 'none', { pauseMs: HOUR }], 'dot'],
  // authentication refused
  ['550-5.7.26 Your email has been blocked because the sender is unauthenticated.', auth, 'dot'],
  ['550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification', auth, 'dot'],
  [
    "550 5.7.515 Access denied, sending domain example.org doesn't meet the required authentication level.",
    auth,
    'dot',
  ],
  ['550 5.7.27 refused', auth, 'dot'],
  // our sender
  [
    '553 5.1.8 <news@example.org>: Sender address not usable',
    ['our-sender', 'keep', 'none', 'pause-newsletters'],
    'mail',
  ],
  ['501 5.1.7 Bad sender address syntax', ['our-sender', 'keep', 'none', 'pause-newsletters'], 'mail'],
  // reputation, policy
  ['550 5.7.1 Service refused', policy('fail')],
  [
    '550-5.7.1 [192.0.2.1] Our system has detected that this message is likely\r\n550-5.7.1 unsolicited mail.',
    policy('fail'),
    'dot',
  ],
  ['550 5.7.606 Access denied, banned sending IP [192.0.2.1]', policy('fail'), 'rcpt'],
  [
    "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your provider since part of their network is on our block list (S3140).",
    policy('fail'),
    'mail',
  ],
  ["550 SC-001 (BAY004) Unfortunately, messages from 192.0.2.1 weren't sent", policy('fail'), 'mail'],
  ['553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1', policy('fail'), 'connect'],
  ['554 5.7.9 Message not accepted for policy reasons.', policy('fail'), 'dot'],
  ['554 5.7.9 not accepted', policy('fail'), 'dot'],
  // flood
  [
    '550 5.7.28 Gmail has detected an unusual rate of unsolicited mail',
    ['flood', 'fail', 'none', { pauseMs: 24 * HOUR }],
    'dot',
  ],
  // content and size
  ['552 5.3.4 Message size exceeds fixed limit', content, 'mail'],
  ['552 5.2.3 Too long', content, 'dot'],
  [
    '552-5.7.0 This message was blocked because its content presents a potential\r\n552-5.7.0 security issue.',
    content,
    'dot',
  ],
  ['554 5.6.0 Malformed', content, 'dot'],
  // international addresses
  ['550 5.6.7 Address not deliverable', ['no-eai', 'fail', 'no-eai', 'go-on']],
  ['553 SMTPUTF8 is required', ['no-eai', 'fail', 'no-eai', 'go-on']],
  // our relay's configuration
  ['530 5.7.0 Must issue a STARTTLS command first', config, 'mail'],
  ['530-5.7.57 Client not authenticated to send mail', config, 'rcpt'],
  ['535 5.7.139 Authentication unsuccessful, blocked by security defaults policy', config, 'connect'],
  ['454 4.7.0 TLS not available due to local problem', config, 'connect'],
  ['503 5.5.1 Error: send HELO/EHLO first', config, 'mail'],
  ['502 Command not implemented', config, 'data'],
  ['501 Syntax error in recipient', ['generic', 'fail', 'soft', 'go-on'], 'rcpt'],
  // dead mailbox
  [
    "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550-5.1.1 double-checking the recipient's email address for typos",
    dead,
  ],
  ['550 5.1.1 <a@example.net>: Recipient address rejected: User unknown in virtual mailbox table', dead],
  ['550 5.1.6 Mailbox has moved', dead],
  ['551 User not local; please try <b@example.net>', dead],
  [
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient a@example.net not found by SMTP address lookup',
    dead,
  ],
  ['550 5.1.351 Remote server returned unknown recipient or mailbox unavailable', dead],
  ['550 Requested action not taken: mailbox unavailable', dead],
  [
    "554 delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com) [0] - no such user",
    dead,
    'dot',
  ],
  ["552 5.2.2 The recipient's inbox is out of storage space and inactive.", dead],
  // syntax, domain
  [
    '553 5.1.3 The recipient address is not a valid RFC 5321 address.',
    ['bad-syntax', 'fail', 'soft', 'go-on'],
  ],
  ['550 5.1.2 Bad destination system', ['dead-domain', 'fail', 'hard-at-second', 'go-on']],
  ['550 5.4.4 Unable to route', ['dead-domain', 'fail', 'hard-at-second', 'go-on']],
  ['521 Host takes no mail', ['dead-domain', 'fail', 'hard-at-second', 'go-on']],
  ['550 Host or domain name not found', ['dead-domain', 'fail', 'hard-at-second', 'go-on']],
  ['556 5.1.10 Recipient address has null MX', ['dead-domain', 'fail', 'hard', 'go-on']],
  ['550 5.1.10 no mail for this domain', ['dead-domain', 'fail', 'hard', 'go-on']],
  ['550 nullMX', ['dead-domain', 'fail', 'hard', 'go-on']],
  // without enhanced code
  ['554 no', ['policy', 'fail', 'soft', 'block-breaker'], 'connect'],
  ['550 no', ['policy', 'fail', 'soft', 'block-breaker'], 'mail'],
  ['554 no', ['policy', 'fail', 'soft', 'block-breaker'], 'data'],
  ['554 no', ['generic', 'fail', 'soft', 'go-on'], 'dot'],
  // disabled
  [
    '550-5.2.1 The email account that you tried to reach is inactive.',
    ['disabled', 'fail', 'hard', 'bounce-breaker'],
  ],
  ['525 5.7.13 DisabledUser', ['disabled', 'fail', 'hard', 'bounce-breaker']],
  ['550-5.2.1 The email account that you tried to reach is disabled.', ['disabled', 'fail', 'soft', 'go-on']],
  // full
  [
    "452-4.2.2 The recipient's inbox is out of storage space. Please direct the\r\n452-4.2.2 recipient to support",
    ['mailbox-full', 'retry', 'soft', 'go-on'],
  ],
  ['552 5.2.2 Over', ['mailbox-full', 'fail', 'soft', 'go-on']],
  // likely dead, others
  [
    '550 5.4.1 Recipient address rejected: Access denied. [DB5EUR03FT034.eop-EUR03.prod.protection.outlook.com]',
    ['likely-dead', 'fail', 'hard-at-second', 'bounce-breaker'],
  ],
  ['550 5.2.0 Mailbox trouble', ['other-permanent', 'fail', 'soft', 'go-on']],
  ['550 5.3.0 Rejected', ['other-permanent', 'fail', 'soft', 'go-on']],
  ['550 5.3.0 User unknown', dead],
  ['550 5.0.0 Rejected', ['generic', 'fail', 'soft', 'go-on']],
  ['550 5.5.0 Rejected', ['generic', 'fail', 'soft', 'go-on']],
  ['550 5.5.0 Requested action not taken: unknown user account', dead],
  ['550 4.5.0 Conflict of codes', ['generic', 'fail', 'soft', 'go-on']],
  ['550 5.7.17 Mailbox owner has changed', ['owner-changed', 'fail', 'hard', 'go-on']],
  ['554 5.4.7 Delivery expired', ['expired', 'fail', 'soft', 'go-on']],
  ['451 4.1.1 No such user here yet', ['transient', 'retry', 'soft-when-given-up', 'go-on']],
  ['432 4.9.9 later', ['transient', 'retry', 'soft-when-given-up', 'go-on']],
]

const staged = cases.map(([reply, expected, stage = 'rcpt']) => [reply, expected, stage] as const)

test.each(staged)('%j is judged %j', (reply, [category, message, address, sender, minRetryMs], stage) => {
  expect(judged(reply, stage)).toEqual({
    category,
    message,
    address,
    sender,
    ...(minRetryMs !== undefined && { minRetryMs }),
  })
})

test('every row of the table is what decides at least one of these replies', () => {
  const unused = ROWS.filter(
    ({ category, action }) =>
      !cases.some(([, [name, , address, sender]]) => {
        const sameSender = JSON.stringify(sender) === JSON.stringify(action[2])
        return name === category && address === action[1] && sameSender
      }),
  )

  expect(unused).toEqual([])
})

const words = fc.constantFrom(
  ...[
    'user unknown',
    'spam',
    'DMARC',
    'rate limit',
    'mailbox full',
    'policy',
    'virus',
    'TSS04',
    'greylisted',
  ],
  ...[
    'does not exist',
    'null MX',
    'access denied',
    'inactive',
    'OverQuotaPerm',
    'SMTPUTF8',
    'domain not found',
    '',
  ],
)
const anyText = fc.oneof(
  fc.array(fc.oneof(words, fc.string({ maxLength: 20 })), { maxLength: 8 }).map(parts => parts.join(' ')),
  fc.string({ unit: 'binary', maxLength: 200 }),
)
const number = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 17, 23, 26, 28, 32, 40, 351, 509, 606, 650)
const enhancedOf = (kind: fc.Arbitrary<number>) =>
  fc.oneof(
    fc.constantFrom(undefined, '', 'x', '5', '5.1.1\r\n', '9.9.9'),
    fc.tuple(kind, number, number).map(parts => parts.join('.')),
  )
const stages = fc.constantFrom<Reply['stage']>('connect', 'mail', 'rcpt', 'data', 'body', 'dot')
const refusal = (min: number, max: number): fc.Arbitrary<Reply> =>
  fc.record({
    stage: stages,
    code: fc.oneof(
      fc.integer({ min, max }),
      fc.constantFrom(min + 21, min + 50, min + 51, min + 52, min + 54),
    ),
    enhanced: enhancedOf(fc.constantFrom(2, 4, 5)),
    text: anyText,
  })

test('a 4yz never gives a message up or suppresses an address, and a 421 never counts against one', () => {
  fc.assert(
    fc.property(refusal(400, 499), reply => {
      const { message, address } = judgeReply(reply)

      expect(['retry', 'keep']).toContain(message)
      expect(address).not.toMatch(/^hard/)
      expect(judgeReply({ ...reply, code: 421 }).address).toBe('none')
    }),
    { numRuns: 5000 },
  )
})

test('a 5yz is never tried again, and waits only while it is our sender or configuration that is refused', () => {
  fc.assert(
    fc.property(refusal(500, 599), reply => {
      const { category, message } = judgeReply(reply)

      expect(message).toBe(['our-config', 'our-sender'].includes(category) ? 'keep' : 'fail')
    }),
    { numRuns: 5000 },
  )
})

test('nobody is suppressed before their address was named, nor for words about us', () => {
  const aboutUs = fc.constantFrom(
    'spam',
    'rate limit exceeded',
    'DMARC',
    'block list',
    'policy',
    'virus found',
  )
  fc.assert(
    fc.property(refusal(500, 599), aboutUs, (reply, text) => {
      expect(judgeReply({ ...reply, text }).address).toMatch(/^(?:none|soft|no-eai)$|^soft/)
      const early = judgeReply({ ...reply, stage: reply.stage === 'rcpt' ? 'mail' : 'connect' })
      expect(early.address).not.toMatch(/^hard/)
    }),
    { numRuns: 3000 },
  )
})

test('whatever a server says, there is a verdict', () => {
  const anything = fc.record({
    stage: stages,
    code: fc.oneof(fc.constant(undefined), fc.integer(), fc.double()),
    enhanced: fc.oneof(fc.constant(undefined), fc.string(), enhancedOf(fc.integer())),
    text: fc.oneof(anyText, fc.string({ unit: 'binary' })),
  })
  fc.assert(
    fc.property(anything, reply => {
      const verdict = judgeReply(reply)

      expect(verdict.category).toEqual(expect.any(String))
      if (reply.stage === 'dot' && !(Number(reply.code) >= 400 && Number(reply.code) < 600))
        expect(verdict.message).toBe('none')
    }),
    { numRuns: 3000 },
  )
})

test('a megabyte of garbage costs no more than a page of it', () => {
  const parts = [
    'mailbox ',
    'user a',
    'exceeded the ',
    '550-5.1.1 ',
    '\r\n',
    'message size ',
    ' ',
    'a',
    'unknown ',
    'not ',
  ]
  for (const part of parts) {
    const text = part.repeat(1_000_000 / part.length)
    const start = process.hrtime.bigint()
    for (let time = 0; time < 20; time++) judgeReply({ stage: 'rcpt', code: 550, enhanced: '5.0.0', text })
    const ms = Number(process.hrtime.bigint() - start) / 1e6 / 20
    // A quadratic pattern would need minutes.
    expect(ms).toBeLessThan(50)
  }
})

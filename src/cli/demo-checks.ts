// The proof of I2: a newsletter's deliveries, the consent events and the mailbox must tell the same, reader by reader.
import type { EntityManager } from 'typeorm'
import { openReader } from '../consent/readers'
import type { DeliveryStatus, SkipReason } from '../entities/delivery'
import { Newsletter } from '../entities/newsletter'
import { Topic } from '../entities/topic'
import { parseAddress } from '../mail/address'
import type { Keyring } from '../secrets/keyring'
import { select } from '../transaction'
import { audienceAt, barredReaders, eventsByReader, materialPolicyAt, stoodAt } from './demo-audience'
import type { ReceivedMail } from './demo-mailbox'
import { skippedCount } from './demo-progress'
import type { SentNewsletter } from './demo-send'

export interface Check {
  /** What must be true; `{n}` stands for the figure. */
  rule: string
  figure: number
  holds: boolean
  /** What was found, for the line that says it is not true. */
  found: string
}

interface Row {
  readerId: number
  status: DeliveryStatus
  skipReason: SkipReason | null
  at: Date
  address: string | undefined
}

/** Every check of one finished newsletter. */
export async function checkNewsletter(
  db: EntityManager,
  keyring: Keyring,
  sent: SentNewsletter,
  mails: readonly ReceivedMail[],
): Promise<Check[]> {
  const newsletter = await db.findOneByOrFail(Newsletter, { publicId: sent.id })
  const topic = await db.findOneByOrFail(Topic, { id: newsletter.topicId })
  const start = newsletter.startedAt ?? new Date(0)
  const events = await eventsByReader(db, topic.purposeId)
  const rows = await deliveries(db, keyring, newsletter.id)
  const recipients = mails.filter(mail => mail.newsletterId === sent.id).map(mail => mail.to)
  const material = await materialPolicyAt(db, start)
  const handed = rows.filter(row => row.status === 'sent')
  const barred = await barredReaders(db, start)
  const unfounded = handed.filter(
    ({ readerId, at }) => barred.has(readerId) || !stoodAt(events.get(readerId) ?? [], at, material),
  )
  return [
    audienceCheck(audienceAt(events, start), rows),
    sumCheck(sent, rows),
    mailCheck(handed, recipients),
    {
      rule: 'at each of the {n} hand-offs consent stood, and the reader was neither suppressed nor on a pause',
      figure: handed.length,
      holds: unfounded.length === 0,
      found: `not so for ${unfounded.length}`,
    },
    silenceCheck(rows, recipients),
  ]
}

async function deliveries(db: EntityManager, keyring: Keyring, newsletterId: number): Promise<Row[]> {
  type Found = Omit<Row, 'address'> & Parameters<typeof openReader>[1]
  const found = await select<Found>(
    db,
    `SELECT d.reader_id AS readerId, d.status, d.skip_reason AS skipReason, d.at, r.reference,
       r.email_sealed AS emailSealed, r.name_sealed AS nameSealed, r.key_id AS keyId
     FROM delivery d JOIN reader r ON r.id = d.reader_id WHERE d.newsletter_id = ?`,
    [newsletterId],
  )
  return found.map(row => {
    const email = openReader(keyring, row)?.email
    return { ...row, address: email && parseAddress(email)?.canonical }
  })
}

function audienceCheck(audience: Set<number>, rows: readonly Row[]): Check {
  const readers = new Set(rows.map(row => row.readerId))
  const isSame = readers.size === audience.size && [...readers].every(id => audience.has(id))
  return {
    rule: '{n} deliveries: one for every reader whose yes stood at the start or ended in the 90 days before',
    figure: rows.length,
    holds: isSame && rows.length === readers.size,
    found: `${rows.length} deliveries of ${readers.size} readers, while the events tell of ${audience.size}`,
  }
}

function sumCheck({ progress }: SentNewsletter, rows: readonly Row[]): Check {
  const { sent, failed, unknown, cancelled, total, queued, sending } = progress
  const skipped = skippedCount(progress)
  const count = (status: string) => rows.filter(row => row.status === status).length
  const sum = sent + failed + unknown + cancelled + skipped
  const isSame = count('sent') === sent && count('skipped') === skipped && rows.length === total
  return {
    rule: 'sent, failed, unknown, cancelled and skipped with their reasons are {n} together, none is open',
    figure: sum,
    holds:
      isSame &&
      sum === total &&
      queued + sending === 0 &&
      rows.every(row => (row.status === 'skipped') === (row.skipReason !== null)),
    found: `${sum} together, ${total} in all, ${queued + sending} open, ${rows.length} rows`,
  }
}

function mailCheck(handed: readonly Row[], recipients: readonly string[]): Check {
  const addresses = new Set(recipients)
  const without = handed.filter(row => !row.address || !addresses.has(row.address))
  return {
    rule: '{n} mails in the mailbox: one for each sent, no address twice',
    figure: recipients.length,
    holds:
      recipients.length === handed.length && addresses.size === recipients.length && without.length === 0,
    found: `${recipients.length} mails to ${addresses.size} addresses for ${handed.length} sent, ${without.length} of them without one`,
  }
}

function silenceCheck(rows: readonly Row[], recipients: readonly string[]): Check {
  const addresses = new Set(recipients)
  const silent = rows.filter(row => row.status === 'skipped')
  const mailed = silent.filter(row => !row.address || addresses.has(row.address))
  return {
    rule: 'nothing in the mailbox for the {n} who were skipped',
    figure: silent.length,
    holds: mailed.length === 0,
    found: `${mailed.length} got a mail`,
  }
}

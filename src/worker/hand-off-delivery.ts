// One delivery: compose, hand off through the gate, settle.
import type { GateRefusal } from '../consent/gate'
import type { Claim } from '../deliveries/claim'
import { settle } from '../deliveries/settle'
import { skipUnfit } from '../deliveries/skip-unfit'
import { SkipReason } from '../entities/delivery'
import type { Message } from '../mail/message'
import type { HandOffResult } from '../mail/smtp-result'
import { MissingKeyError } from '../secrets/seal'
import { transaction } from '../transaction'
import { composeDelivery } from './compose-delivery'
import type { WorkerContext } from './context'
import type { GateQueue } from './gate-queue'
import { type DeliveryRow, loadReaders } from './load-deliveries'
import type { NewsletterMail } from './load-newsletter'

/** `halt`: nothing more of this newsletter can go now (stopped, paused, claim lost, no server). */
export type Next = 'go-on' | 'halt'

export interface Sending {
  context: WorkerContext
  mail: NewsletterMail
  gates: GateQueue
  /** The newsletter's own turn among the connections. */
  lane: string
}

const HALTING: readonly GateRefusal[] = ['SITE_STOPPED', 'NOT_SENDING', 'CLAIM_LOST']
/** A reader who changes something in the same second as it is sent is composed again this often. */
const MAX_RECOMPOSED = 3

export async function handOffDelivery(sending: Sending, claim: Claim, row: DeliveryRow): Promise<Next> {
  const { context, mail, gates, lane } = sending
  const { readerId } = row
  let current: DeliveryRow | undefined = row
  for (let tries = 0; current && tries < MAX_RECOMPOSED; tries++) {
    const message = await composed(sending, current)
    if (!message) return 'go-on'
    const question = { claim, readerId, readerVersion: current.version }
    const result = await context.smtp.handOff(message, () => gates.ask(question), lane)
    if (result.kind !== 'refused' || result.reason !== 'READER_CHANGED')
      return conclude(sending, claim, readerId, result)
    current = (await loadReaders(context, mail, [readerId]))[0]
  }
  return 'go-on'
}

/** The message, or undefined after skipping a row whose message cannot be made: one bad row stops nobody else. */
async function composed({ context, mail }: Sending, row: DeliveryRow): Promise<Message | undefined> {
  try {
    return await composeDelivery(context, mail, row)
  } catch (error) {
    // A worker that lacks a key must not judge anybody: the rows are for one that has it.
    if (error instanceof MissingKeyError) throw error
    const newsletterId = mail.newsletter.id
    context.log.error({ newsletterId, err: error }, 'a message could not be composed')
    await transaction(context.db, tx => skipUnfit(tx, newsletterId, row.readerId, SkipReason.RENDER_ERROR))
    return undefined
  }
}

async function conclude(
  { context, gates }: Sending,
  claim: Claim,
  readerId: number,
  result: HandOffResult,
): Promise<Next> {
  if (result.kind === 'sent') {
    await gates.sent({ claim, readerId, smtpStatus: result.smtpStatus })
    return 'go-on'
  }
  if (refusesUs(result)) {
    context.log.error({ result }, 'the server refuses our sender')
    return 'halt'
  }
  switch (result.kind) {
    case 'refused':
      // A retry whose reader has left meanwhile is over; the others go on.
      if (result.reason === 'CLAIM_LOST' && claim.kind === 'retry') return 'go-on'
      return HALTING.includes(result.reason as GateRefusal) ? 'halt' : 'go-on'
    case 'not-sent':
      context.log.error({ err: result.error }, 'the gate failed, nothing was sent')
      await transaction(context.db, tx => settle(tx, claim, readerId, { kind: 'not-sent' }))
      return 'halt'
    case 'deferred':
      if (result.stage === 'connect') {
        context.log.warn({ diagnostic: result.diagnostic }, 'no SMTP server answers')
        return 'halt'
      }
      await transaction(context.db, tx => settle(tx, claim, readerId, result))
      return 'go-on'
    default: {
      const settlement = { ...result, kind: result.kind === 'rejected' ? ('failed' as const) : result.kind }
      await transaction(context.db, tx => settle(tx, claim, readerId, settlement))
      return 'go-on'
    }
  }
}

/**
 * A refusal at MAIL FROM is about us, whoever the reader is (standards, status table: keep, pause): the rows stay
 * queued. Only "message too big" is about this message.
 */
const refusesUs = (result: HandOffResult): boolean =>
  result.kind === 'rejected' && result.stage === 'mail' && result.smtpStatus !== '5.3.4'

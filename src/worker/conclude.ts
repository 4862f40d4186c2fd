// What a hand-off came to, written down; and what the server's words mean for the newsletter and for the reader's domain.
import type { GateRefusal } from '../consent/gate'
import type { Claim } from '../deliveries/claim'
import { postponeBy } from '../deliveries/postpone'
import { type Settlement, settle } from '../deliveries/settle'
import { PauseReason } from '../entities/newsletter'
import type { Ending, HandOffResult } from '../mail/smtp-result'
import { judgeReply, type Verdict } from '../mail/verdict'
import { pause } from '../newsletters/control'
import { transaction } from '../transaction'
import type { WorkerContext } from './context'
import type { DeliveryRow } from './load-deliveries'
import type { NewsletterMail } from './load-newsletter'
import type { SilentDomains } from './silent-domains'
import { untilWritten } from './until-written'

/** `halt`: nothing more of this newsletter can go now (stopped, paused, claim lost, no server). */
export type Next = 'go-on' | 'halt'

export interface Sending {
  context: WorkerContext
  mail: NewsletterMail
  /** The newsletter's own turn among the connections. */
  lane: string
  silent: SilentDomains
}

const HALTING: readonly GateRefusal[] = ['SITE_STOPPED', 'NOT_SENDING', 'CLAIM_LOST']
/** Where the table says `keep` without a time. */
const KEPT_MS = 10 * 60_000

type Refusal = Extract<HandOffResult, { kind: 'deferred' | 'rejected' }>

export async function conclude(
  sending: Sending,
  claim: Claim,
  row: DeliveryRow,
  result: HandOffResult,
): Promise<Next> {
  const { context } = sending
  const { readerId } = row
  const settled = (settlement: Settlement) =>
    untilWritten(context.db, tx => settle(tx, claim, readerId, settlement))
  switch (result.kind) {
    case 'sent':
      sending.silent.well(row.domain)
      await context.gates.sent({ claim, readerId })
      return 'go-on'
    case 'unknown':
      await settled({ ...result, kind: 'unknown' })
      return 'go-on'
    case 'refused':
      // A retry whose reader has left meanwhile is over; the others go on.
      if (result.reason === 'CLAIM_LOST' && claim.kind === 'retry') return 'go-on'
      return HALTING.includes(result.reason as GateRefusal) ? 'halt' : 'go-on'
    case 'not-sent':
      context.log.error({ err: result.error }, 'the gate failed, nothing was sent')
      await settled({ kind: 'not-sent' })
      return 'halt'
    default:
      return refused(sending, claim, row, result)
  }
}

/** By the status table of standards.md: what becomes of the message, and of the sending. */
async function refused(sending: Sending, claim: Claim, row: DeliveryRow, result: Refusal): Promise<Next> {
  const { db, log } = sending.context
  const { readerId, domain } = row
  const verdict = verdictOn(result)
  if (isAboutUs(result, verdict)) {
    await untilWritten(db, tx => settle(tx, claim, readerId, { kind: 'not-sent' }))
    await pauseForServer(sending, verdict, result)
    return 'halt'
  }
  if (result.stage === 'connect' || result.stage === 'login') {
    log.warn({ diagnostic: result.diagnostic }, 'no SMTP server answers')
    return 'halt'
  }
  quietDown(sending.silent, domain, verdict)
  if (verdict.message === 'keep') {
    const waitMs = sending.silent.silentMs(domain) || KEPT_MS
    await untilWritten(db, tx => settle(tx, claim, readerId, { kind: 'not-sent' }))
    await transaction(db, tx => postponeBy(tx, claim, readerId, waitMs))
    return 'go-on'
  }
  // Rejected without a reply: by what the server had announced.
  const isFinal = verdict.message === 'fail' || (result.kind === 'rejected' && result.code === undefined)
  const settlement = { ...result, kind: isFinal ? ('failed' as const) : ('deferred' as const) }
  await untilWritten(db, tx => settle(tx, claim, readerId, settlement))
  return 'go-on'
}

function quietDown(silent: SilentDomains, domain: string, { sender }: Verdict): void {
  if (typeof sender === 'object') silent.silence(domain, sender.pauseMs)
  else if (sender === 'back-off') silent.busy(domain)
  else silent.well(domain)
}

const verdictOn = ({ stage, code, smtpStatus, diagnostic = '' }: Ending): Verdict =>
  judgeReply({ stage: stage === 'login' ? 'connect' : stage, code, enhanced: smtpStatus, text: diagnostic })

/**
 * A log-in that is refused, or a sender that is refused at MAIL FROM, whoever the reader is: the rows stay queued until a
 * person has looked. A message that is too big says nothing about us.
 */
const isAboutUs = (result: Refusal, verdict: Verdict): boolean => {
  if (result.stage === 'connect') return false
  if (result.stage === 'login') return result.code !== undefined
  const isSenderRefused =
    result.kind === 'rejected' && result.stage === 'mail' && result.smtpStatus !== '5.3.4'
  return isSenderRefused || verdict.sender === 'pause-newsletters'
}

async function pauseForServer(
  { context, mail }: Sending,
  verdict: Verdict,
  { stage, diagnostic }: Ending,
): Promise<void> {
  const { id } = mail.newsletter
  const isLogIn = stage === 'login' || verdict.category === 'our-config'
  const reason = isLogIn ? PauseReason.AUTH : PauseReason.PROVIDER_ERROR
  const moved = await transaction(context.db, tx => pause(tx, id, reason, diagnostic ?? null))
  if (moved.kind === 'moved')
    context.log.error({ newsletterId: id, diagnostic }, 'the server refuses us, the newsletter is paused')
}

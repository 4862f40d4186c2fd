// The notice job: one mail about one person's own business, through its own gate.
import { passNoticeGate, refuseNotice } from '../consent/notice-gate'
import { isStaffLink } from '../consent/staff-link'
import type { Notice, NoticeKind } from '../entities/notice'
import { composeNotice, type Message } from '../mail/message'
import type { HandOffResult } from '../mail/smtp-result'
import { claimNotice, type NoticeSettlement, renewNotice, settleNotice } from '../notices/claim-notice'
import { composeConfirmation } from '../notices/compose'
import { composeAddressMail } from '../notices/compose-address-mail'
import { composeCode } from '../notices/compose-code'
import { composeDataMail } from '../notices/compose-data-mail'
import { composeLawfulDisclosure } from '../notices/compose-lawful-disclosure'
import { composeRenewal } from '../notices/compose-renewal'
import { composeStaffLink } from '../notices/compose-staff-link'
import { transaction } from '../transaction'
import { composeTestSend } from './compose-test-send'
import type { WorkerContext } from './context'
import { noticeToken } from './notice-token'
import { mayUseRelays } from './relay-agreements'

export async function sendNotice(context: WorkerContext, noticeId: number): Promise<void> {
  const { db, config } = context
  const notice = await transaction(db, tx => claimNotice(tx, noticeId, config.leaseMs))
  if (!notice) return
  const renewal = setInterval(() => {
    renewNotice(db.manager, notice, config.leaseMs).catch(error =>
      context.log.error({ err: error }, 'the lease could not be renewed'),
    )
  }, config.leaseMs / 3)
  const settlement = await attempt(context, notice).finally(() => clearInterval(renewal))
  if (settlement) await transaction(db, tx => settleNotice(tx, notice, settlement))
}

async function attempt(context: WorkerContext, notice: Notice): Promise<NoticeSettlement | undefined> {
  try {
    // The gate decides; this only keeps refused ones away from it and from the mail server.
    if (await transaction(context.db, tx => refuseNotice(tx, notice))) return undefined
    if (!(await mayUseRelays(context))) return { state: 'queued', outcome: 'NO_AGREEMENT' }
    const message = await composed(context, notice)
    if (!message) return { state: 'cancelled', outcome: 'NO_REQUEST' }
    return settlementOf(await context.smtp.handOff(message, () => passNoticeGate(context.db, notice)))
  } catch (error) {
    context.log.error({ noticeId: notice.id, err: error }, 'a notice could not be composed')
    // The database may just have been away: tried again until its day is over.
    return { state: 'queued', outcome: 'RENDER_ERROR' }
  }
}

/** Undefined: the gate has already written why it is not sent. */
function settlementOf(result: HandOffResult): NoticeSettlement | undefined {
  if (result.kind === 'refused') return undefined
  if (result.kind === 'not-sent') return { state: 'queued' }
  const reply = { outcome: result.smtpStatus, diagnostic: result.diagnostic }
  if (result.kind === 'deferred') return { state: 'queued', ...reply }
  // A refusal at MAIL FROM is about us, not about this person.
  if (result.kind === 'rejected') return { state: result.stage === 'mail' ? 'queued' : 'failed', ...reply }
  return { state: result.kind, ...reply }
}

async function composed(context: WorkerContext, notice: Notice): Promise<Message | undefined> {
  const { db, keyring, config, signer } = context
  if (notice.kind === 'newsletter-test') return composeTestSend(context, notice)
  const facts = { ...config, contact: config.siteContact }
  const compose = composerOf(notice.kind)
  const mail = await compose(db.manager, keyring, notice, facts)
  if (!mail) return undefined
  const input = {
    ...mail,
    siteName: config.siteName,
    mailFrom: config.mailFromNotices,
    bounceDomain: config.bounceDomain,
    token: noticeToken(notice),
    date: notice.createdAt,
    replyTo: config.siteContact,
  }
  return composeNotice(input, signer)
}

function composerOf(kind: NoticeKind) {
  if (isStaffLink(kind)) return composeStaffLink
  if (kind === 'email-change' || kind === 'email-changed') return composeAddressMail
  if (kind === 'renewal') return composeRenewal
  if (kind === 'lawful-disclosure') return composeLawfulDisclosure
  if (kind === 'export' || kind === 'erasure') return composeDataMail
  return kind === 'confirmation' ? composeConfirmation : composeCode
}

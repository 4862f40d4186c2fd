// The gate of notices: one commit just before the final dot. Suppression and budgets decide, whatever was asked for.
import { type DataSource, type EntityManager, In, IsNull } from 'typeorm'
import type { Notice } from '../entities/notice'
import { Reader } from '../entities/reader'
import { ReaderCode } from '../entities/reader-code'
import { Registration } from '../entities/registration'
import { Suppression, SuppressionReason } from '../entities/suppression'
import { databaseTime, select, transaction, write } from '../transaction'
import type { GateAnswer } from './gate'
import { isHeld } from './hold'
import { Permit } from './permit'
import { renewalRefusal } from './renewal-notice'
import { isStaffLink, staffLinkRefusal } from './staff-link'

/** Why a notice is never sent; the person who asked is not told (I11). */
export type NoticeRefusal =
  | 'SITE_HELD'
  | 'SUPPRESSED'
  | 'BUDGET'
  | 'EXPIRED'
  | 'CONFIRMED'
  | 'NOTHING_TO_ADD'
  | 'NO_REQUEST'
  | 'NO_READER'
  | 'USED'
  | 'CLAIM_LOST'

export type NoticeGateAnswer =
  | Extract<GateAnswer, { kind: 'passed' }>
  | { kind: 'refused'; reason: NoticeRefusal }

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** DESIGN §6: 1 per address per 24 h plus one asked-for resend after 15 min, 3 per 30 days. */
const RESEND_AFTER_MS = 15 * MINUTE
const MAX_IN_30_DAYS = 3
/** Log-in and proof codes, each for itself: with 5 tries a code this also bounds guessing. */
const MAX_CODES_A_DAY = 10

const BLOCKING = [SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT, SuppressionReason.MANUAL]

/** The registration a notice speaks of: its own, or for a resend the newest pending one of the address. */
export function registrationFor(db: EntityManager, notice: Notice): Promise<Registration | null> {
  return notice.registrationId
    ? db.findOneBy(Registration, { id: notice.registrationId })
    : db.findOne(Registration, { where: { addressHash: notice.addressHash }, order: { id: 'DESC' } })
}

/** queued → sending, or cancelled with the reason; while the site is held it stays queued. The same order of locks for all notices to one address. */
export async function passNoticeGate(db: DataSource, notice: Notice): Promise<NoticeGateAnswer> {
  const refusal = await transaction(db, tx => decide(tx, notice))
  return refusal ? { kind: 'refused', reason: refusal } : { kind: 'passed', permit: Permit.afterCommit() }
}

/**
 * Cancels a claimed notice that its gate would refuse, before a mail server is bothered with it, and answers why. Of
 * several open confirmations to one address only the oldest goes on: ten thousand sign-ups are one attempt.
 */
export async function refuseNotice(tx: EntityManager, notice: Notice): Promise<NoticeRefusal | undefined> {
  const sent = await select<OtherNotice>(
    tx,
    `SELECT id, kind, state, is_resend, at FROM notice
     WHERE address_hash = ? AND state IN ('sending', 'sent', 'unknown')`,
    [notice.addressHash],
  )
  const refusal =
    (await refusalOf(tx, notice, sent)) ?? ((await isBehindAnother(tx, notice)) ? 'BUDGET' : undefined)
  if (!refusal) return undefined
  await write(
    tx,
    `UPDATE notice SET state = 'cancelled', outcome = ?, at = UTC_TIMESTAMP(3), lease_until = NULL
     WHERE id = ? AND fence = ? AND state = 'queued'`,
    [refusal, notice.id, notice.fence],
  )
  return refusal
}

async function isBehindAnother(tx: EntityManager, { id, kind, addressHash }: Notice): Promise<boolean> {
  if (kind !== 'confirmation') return false
  const older = await select(
    tx,
    `SELECT 1 FROM notice WHERE address_hash = ? AND state IN ('queued', 'sending') AND kind = ? AND id < ? LIMIT 1`,
    [addressHash, kind, id],
  )
  return older.length > 0
}

async function decide(tx: EntityManager, notice: Notice): Promise<NoticeRefusal | undefined> {
  if (await isHeld(tx, 'LOCK IN SHARE MODE')) return 'SITE_HELD'
  const others = await select<OtherNotice>(
    tx,
    `SELECT id, kind, state, is_resend, at FROM notice
     WHERE address_hash = ? AND state IN ('queued', 'sending', 'sent', 'unknown') FOR UPDATE`,
    [notice.addressHash],
  )
  const refusal = await refusalOf(tx, notice, others)
  const moved = await write(
    tx,
    `UPDATE notice SET state = ?, outcome = ?, at = UTC_TIMESTAMP(3)
     WHERE id = ? AND fence = ? AND state = 'queued' AND lease_until > UTC_TIMESTAMP(3)`,
    [refusal ? 'cancelled' : 'sending', refusal ?? null, notice.id, notice.fence],
  )
  return moved === 1 ? refusal : 'CLAIM_LOST'
}

interface OtherNotice {
  id: number
  kind: string
  state: string
  is_resend: number
  at: Date
}

async function refusalOf(
  tx: EntityManager,
  notice: Notice,
  others: readonly OtherNotice[],
): Promise<NoticeRefusal | undefined> {
  const { addressHash } = notice
  if (await tx.existsBy(Suppression, { addressHash, reason: In(BLOCKING) })) return 'SUPPRESSED'
  if (isStaffLink(notice.kind)) return staffLinkRefusal(tx, notice)
  if (notice.kind === 'login' || notice.kind === 'proof') return codeRefusal(tx, notice, others)
  if (notice.kind === 'renewal') return renewalRefusal(tx, notice)
  if (notice.kind !== 'confirmation') return undefined
  const registration = await registrationFor(tx, notice)
  if (!registration) return 'NO_REQUEST'
  if (registration.confirmedAt) return 'CONFIRMED'
  const now = await databaseTime(tx)
  if (registration.expiresAt <= now) return 'EXPIRED'
  const addsNothing = registration.decisions.every(decision => !decision.granted)
  if (addsNothing && (await tx.existsBy(Reader, { addressHash }))) return 'NOTHING_TO_ADD'
  return isWithinBudget(notice, others, now) ? undefined : 'BUDGET'
}

/** Only a reader's own address gets codes, and none that nobody waits for any more. */
async function codeRefusal(
  tx: EntityManager,
  notice: Notice,
  others: readonly OtherNotice[],
): Promise<NoticeRefusal | undefined> {
  const { addressHash } = notice
  if (!(await tx.existsBy(Reader, { addressHash, invalidAt: IsNull() }))) return 'NO_READER'
  const code = await tx.findOneBy(ReaderCode, { noticeId: notice.id })
  if (!code) return 'NO_REQUEST'
  if (code.usedAt) return 'USED'
  const now = await databaseTime(tx)
  if (code.expiresAt <= now) return 'EXPIRED'
  const today = sentBefore(notice, others, now).filter(({ age }) => age < DAY)
  return today.length < MAX_CODES_A_DAY ? undefined : 'BUDGET'
}

function isWithinBudget(notice: Notice, others: readonly OtherNotice[], now: Date): boolean {
  const sent = sentBefore(notice, others, now).filter(({ age }) => age < 30 * DAY)
  if (sent.length >= MAX_IN_30_DAYS) return false
  const today = sent.filter(({ age }) => age < DAY)
  if (!notice.isResend) return today.length === 0
  return today.every(({ age, isResend }) => !isResend && age >= RESEND_AFTER_MS)
}

/** The other mails of this kind that went to the address, and how long ago. */
const sentBefore = (notice: Notice, others: readonly OtherNotice[], now: Date) =>
  others
    .filter(({ id, kind }) => id !== notice.id && kind === notice.kind)
    .filter(({ state }) => ['sending', 'sent', 'unknown'].includes(state))
    .map(other => ({ age: now.getTime() - other.at.getTime(), isResend: other.is_resend === 1 }))

// Readers in any state the tables can hold, written past the verbs; and the product's rules about them, told a second time.
import { v7 as uuidv7 } from 'uuid'
import type { ConsentState } from '../../src/entities/consent'
import { SkipReason } from '../../src/entities/delivery'
import type { Reader } from '../../src/entities/reader'
import { write } from '../../src/transaction'
import type { Product } from './product'

const DAY = 86_400_000

export interface ReaderState {
  suppressions: readonly string[]
  isErased: boolean
  isRestricted: boolean
  isInvalid: boolean
  /** Days from now. */
  pausedUntil: number | null
  consent: ConsentState
  policyNumber: number
  givenAt: number | null
  endedAt: number | null
  expiresAt: number | null
}

/** A yes that stands, of somebody nothing is wrong with. */
export const FINE: ReaderState = {
  suppressions: [],
  isErased: false,
  isRestricted: false,
  isInvalid: false,
  pausedUntil: null,
  consent: 'ConsentGiven',
  policyNumber: 2,
  givenAt: -300,
  endedAt: null,
  expiresAt: 300,
}

const inDays = (days: number | null): Date | null =>
  days === null ? null : new Date(Date.now() + days * DAY)

export async function setState(
  { connections: { db } }: Product,
  reader: Reader,
  purposeId: number,
  state: ReaderState,
): Promise<void> {
  await db.transaction(async tx => {
    await write(
      tx,
      'UPDATE reader SET erased_at = ?, restricted_at = ?, invalid_at = ?, paused_until = ? WHERE id = ?',
      [
        state.isErased ? new Date() : null,
        state.isRestricted ? new Date() : null,
        state.isInvalid ? new Date() : null,
        inDays(state.pausedUntil),
        reader.id,
      ],
    )
    await write(
      tx,
      `UPDATE consent SET state = ?, policy_number = ?, given_at = ?, ended_at = ?, expires_at = ?
       WHERE reader_id = ? AND purpose_id = ?`,
      [
        state.consent,
        state.policyNumber,
        inDays(state.givenAt),
        inDays(state.endedAt),
        inDays(state.expiresAt),
        reader.id,
        purposeId,
      ],
    )
    await write(tx, 'DELETE FROM suppression WHERE address_hash = ?', [reader.addressHash])
    for (const reason of state.suppressions)
      await write(
        tx,
        'INSERT INTO suppression (public_id, address_hash, reason, created_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))',
        [uuidv7(), reader.addressHash, reason],
      )
  })
}

/** Whether a newsletter that starts now owes this reader an account. */
export const isAudience = ({ isErased, givenAt, endedAt, expiresAt }: ReaderState): boolean =>
  !isErased && givenAt !== null && givenAt <= 0 && (endedAt ?? expiresAt ?? 1) > -90

const is =
  (...states: ConsentState[]) =>
  (state: ReaderState) =>
    states.includes(state.consent)
const suppressed = (reason: string) => (state: ReaderState) => state.suppressions.includes(reason)

/** First match wins. */
const rules: readonly [reason: SkipReason, applies: (state: ReaderState) => boolean][] = [
  [SkipReason.ERASED, state => state.isErased || suppressed('ERASED')(state)],
  [SkipReason.SUPPRESSED_COMPLAINT, suppressed('COMPLAINT')],
  [SkipReason.SUPPRESSED_BOUNCE, suppressed('HARD_BOUNCE')],
  [SkipReason.SUPPRESSED_MANUAL, suppressed('MANUAL')],
  [SkipReason.SUPPRESSED_UNSUBSCRIBED, suppressed('UNSUBSCRIBED_ALL')],
  [SkipReason.RESTRICTED, state => state.isRestricted],
  [SkipReason.INVALID_ADDRESS, state => state.isInvalid],
  [SkipReason.NO_CONSENT, is('ConsentUnknown', 'ConsentRefused')],
  [SkipReason.CONSENT_PENDING, is('ConsentRequested', 'ConsentRequestDeferred')],
  [SkipReason.CONSENT_WITHDRAWN, is('ConsentWithdrawn', 'ConsentRevoked')],
  [SkipReason.RECONSENT_REQUIRED, state => is('ConsentInvalidated')(state) || state.policyNumber < 2],
  [
    SkipReason.CONSENT_EXPIRED,
    state => is('ConsentExpired')(state) || (state.expiresAt !== null && state.expiresAt <= 0),
  ],
  [SkipReason.PAUSED, state => state.pausedUntil !== null && state.pausedUntil > 0],
]

/** Why this reader does not get it now, policy version 2 being material; null: the reader gets it. */
export const expectedReason = (state: ReaderState): SkipReason | null =>
  rules.find(([, applies]) => applies(state))?.[0] ?? null

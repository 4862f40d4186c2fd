// Why somebody does not get a newsletter: one SQL expression for estimate, expansion, claim, gate and "why".
import { SkipReason } from '../entities/delivery'
import { capReachedSql } from './frequency-cap'

/** Only these allow mail; everything else, and no row at all, is no (DESIGN §6). */
export const SENDABLE = "('ConsentGiven', 'RenewedConsentGiven')"

/** The last policy version that mail may not be older than. */
export const materialPolicy = `(SELECT COALESCE(MAX(number), 0) FROM policy_version
  WHERE requires_reconsent AND published_at IS NOT NULL AND effective_at <= UTC_TIMESTAMP(3))`

/** Suppressions by weight, the heaviest first; one look-up for all of them. */
const suppressions: readonly (readonly [stored: string, reason: SkipReason])[] = [
  ['ERASED', SkipReason.ERASED],
  ['COMPLAINT', SkipReason.SUPPRESSED_COMPLAINT],
  ['HARD_BOUNCE', SkipReason.SUPPRESSED_BOUNCE],
  ['MANUAL', SkipReason.SUPPRESSED_MANUAL],
  ['UNSUBSCRIBED_ALL', SkipReason.SUPPRESSED_UNSUBSCRIBED],
]

const suppressed = `(SELECT ELT(MIN(FIELD(x.reason, ${suppressions.map(([stored]) => `'${stored}'`).join(', ')})),
  ${suppressions.map(([, reason]) => `'${reason}'`).join(', ')})
  FROM suppression x WHERE x.address_hash = r.address_hash)`

/** The order decides: the first that applies is the reason (DESIGN §2). */
const others: readonly (readonly [condition: string, reason: SkipReason])[] = [
  ['r.restricted_at IS NOT NULL', SkipReason.RESTRICTED],
  ['r.invalid_at IS NOT NULL', SkipReason.INVALID_ADDRESS],
  ["c.state IS NULL OR c.state IN ('ConsentUnknown', 'ConsentRefused')", SkipReason.NO_CONSENT],
  ["c.state IN ('ConsentRequested', 'ConsentRequestDeferred')", SkipReason.CONSENT_PENDING],
  ["c.state IN ('ConsentWithdrawn', 'ConsentRevoked')", SkipReason.CONSENT_WITHDRAWN],
  [`c.state = 'ConsentInvalidated' OR c.policy_number < ${materialPolicy}`, SkipReason.RECONSENT_REQUIRED],
  ["c.state = 'ConsentExpired' OR c.expires_at <= UTC_TIMESTAMP(3)", SkipReason.CONSENT_EXPIRED],
  // Last guard: a state nobody thought of is no consent.
  [`c.state NOT IN ${SENDABLE}`, SkipReason.NO_CONSENT],
  ['r.paused_until > UTC_TIMESTAMP(3)', SkipReason.PAUSED],
  [capReachedSql, SkipReason.FREQUENCY_CAP],
]

/** Whether a consent under the given alias stands now. For purposes beside the newsletter's own. */
export const standsSql = (alias: string): string =>
  `(${alias}.state IN ${SENDABLE} AND ${alias}.expires_at > UTC_TIMESTAMP(3) AND ${alias}.policy_number >= ${materialPolicy})`

/**
 * The reason, or NULL for a reader who may get it now. Aliases: `r` the reader, `c` the LEFT JOINed consent for the
 * newsletter's purpose. Where it must see the latest commits, lock the reader in a statement before this one: the
 * look-ups of suppressions, policies and earlier sends are plain reads, and every verb that changes them holds that lock,
 * or, as publishing a policy does, that of the site.
 */
export const skipReasonSql = `COALESCE(
  IF(r.erased_at IS NOT NULL OR r.address_hash IS NULL, 'ERASED', NULL),
  ${suppressed},
  CASE ${others.map(([condition, reason]) => `WHEN ${condition} THEN '${reason}'`).join('\n  ')} END)`

/**
 * Who a newsletter owes an account (I2): readers whose consent stood at `:start`, or ended in the 90 days before.
 * Takes the start twice. Erased readers are excepted.
 */
export const audienceSql = `(r.erased_at IS NULL AND c.given_at <= ?
  AND COALESCE(c.ended_at, c.expires_at, '9999-12-31') > ? - INTERVAL 90 DAY)`

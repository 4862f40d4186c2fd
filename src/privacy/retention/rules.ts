// Every rule by which personal data ends because its time is over. Written by hand; a test holds it against the declarations.
import { countForgettableAudit, forgetAudit } from '../../consent/forget-audit'
import { countForgettableProofs, forgetProof, proofsToForget } from '../../consent/forget-proof'
import {
  countForgettableDeliveries,
  forgetDeliveries,
  newslettersToForget,
} from '../../deliveries/forget-deliveries'
import { countForgettableSends, forgetSends } from '../../deliveries/forget-sends'
import type { Kept } from '../../entities/personal'
import { transaction } from '../../transaction'
import type { Periods } from './periods'
import { inBatches, type RetentionRule, rowsOf } from './rule'

/** The proof of each yes is in its event; this says which file it came in. */
const isOldImport = ({ IMPORT }: Periods): string =>
  `COALESCE(ended_at, expires_at) <= UTC_TIMESTAMP(3) - INTERVAL ${IMPORT.years} YEAR`

const RUN_OUT = 'expires_at <= UTC_TIMESTAMP(3)'
const endsBySelf = () => RUN_OUT

const sendLog: RetentionRule = {
  name: 'send log',
  kept: 'SEND_LOG',
  tables: ['delivery', 'delivery_decision', 'delivery_range'],
  every: 'DAY',
  count: (db, periods) => countForgettableDeliveries(db, periods.SEND_LOG.days),
  async *forget(db, { periods }) {
    const { days } = periods.SEND_LOG
    for (const id of await newslettersToForget(db.manager, days))
      yield* inBatches(() => transaction(db, tx => forgetDeliveries(tx, id, days)))
  },
}

const countedSends: RetentionRule = {
  name: 'sends a frequency cap counted',
  kept: 'SEND_COUNT',
  tables: ['reader_send'],
  every: 'DAY',
  count: db => countForgettableSends(db),
  async *forget(db) {
    let after = 0
    do {
      const { removed, next } = await transaction(db, tx => forgetSends(tx, after))
      yield removed
      after = next
    } while (after > 0)
  },
}

const proof: RetentionRule = {
  name: 'proof of erased readers',
  kept: 'CONSENT_PROOF',
  tables: ['consent_event', 'consent', 'reader'],
  every: 'DAY',
  count: (db, periods) => countForgettableProofs(db, periods.CONSENT_PROOF.years),
  async *forget(db, { periods, signer }) {
    const { years } = periods.CONSENT_PROOF
    for (let after = 0; ; ) {
      const readers = await proofsToForget(db.manager, years, after)
      if (readers.length === 0) return
      for (const reader of readers) {
        yield Number(await transaction(db, tx => forgetProof(tx, signer, reader, years)))
        after = reader.id
      }
    }
  },
}

const auditEvents: RetentionRule = {
  name: 'audit events',
  kept: 'AUDIT',
  tables: ['audit_event'],
  every: 'DAY',
  count: db => countForgettableAudit(db),
  forget: db => inBatches(() => transaction(db, forgetAudit)),
}

export const retentionRules: readonly RetentionRule[] = [
  // standards O7: what was not confirmed goes when its link ends.
  rowsOf(
    'registration',
    { name: 'unconfirmed sign-ups', kept: 'REGISTRATION', every: 'SWEEP' },
    () => `confirmed_at IS NULL AND ${RUN_OUT}`,
  ),
  // Until then the page behind the link says that it has done its work.
  rowsOf(
    'registration',
    { name: 'confirmed sign-ups', kept: 'REGISTRATION', every: 'DAY' },
    () => 'confirmed_at <= UTC_TIMESTAMP(3) - INTERVAL 30 DAY',
  ),
  rowsOf('reader_code', { name: 'codes', kept: 'CODE', every: 'SWEEP' }, endsBySelf),
  rowsOf('email_change', { name: 'changes of address', kept: 'ADDRESS_CHANGE', every: 'SWEEP' }, endsBySelf),
  rowsOf('reader_session', { name: 'log-ins of readers', kept: 'SESSION', every: 'SWEEP' }, endsBySelf),
  rowsOf('data_export', { name: 'copies of data', kept: 'EXPORT', every: 'SWEEP' }, endsBySelf),
  rowsOf('staff_session', { name: 'log-ins of staff', kept: 'SESSION', every: 'SWEEP' }, endsBySelf),
  rowsOf(
    'staff_attempt',
    { name: 'counted guesses', kept: 'ATTEMPT', every: 'SWEEP' },
    ({ ATTEMPT }) => `since <= UTC_TIMESTAMP(3) - INTERVAL ${ATTEMPT.days} DAY`,
  ),
  rowsOf(
    'data_request',
    { name: 'requests about data', kept: 'REQUEST', every: 'DAY' },
    ({ REQUEST }) => `completed_at <= UTC_TIMESTAMP(3) - INTERVAL ${REQUEST.years} YEAR`,
  ),
  rowsOf(
    'import_reject',
    { name: 'refused rows of imports', kept: 'IMPORT', every: 'DAY' },
    periods => `import_id IN (SELECT id FROM import_job WHERE ${isOldImport(periods)})`,
  ),
  // After their rows.
  rowsOf('import_job', { name: 'imports', kept: 'IMPORT', every: 'DAY' }, isOldImport),
  rowsOf(
    'disclosed_reader',
    { name: 'who was passed on', kept: 'DISCLOSURE', every: 'DAY' },
    ({ DISCLOSURE }) => `at <= UTC_TIMESTAMP(3) - INTERVAL ${DISCLOSURE.years} YEAR`,
  ),
  rowsOf(
    'disclosure',
    { name: 'passings of data', kept: 'DISCLOSURE', every: 'DAY' },
    ({ DISCLOSURE }) => `at <= UTC_TIMESTAMP(3) - INTERVAL ${DISCLOSURE.years} YEAR`,
  ),
  rowsOf(
    'erasure_notice',
    { name: 'erasures third parties confirmed', kept: 'DISCLOSURE', every: 'DAY' },
    ({ DISCLOSURE }) => `acknowledged_at <= UTC_TIMESTAMP(3) - INTERVAL ${DISCLOSURE.years} YEAR`,
  ),
  rowsOf(
    'lawful_disclosure',
    { name: 'releases to authorities', kept: 'DISCLOSURE', every: 'DAY' },
    ({ DISCLOSURE }) =>
      `GREATEST(requested_at, ${['approved_at', 'handed_out_at', 'tell_not_before', 'told_at']
        .map(column => `COALESCE(${column}, requested_at)`)
        .join(', ')}) <= UTC_TIMESTAMP(3) - INTERVAL ${DISCLOSURE.years} YEAR`,
  ),
  rowsOf(
    'link_feedback',
    { name: 'feedback about links', kept: 'FEEDBACK', every: 'DAY' },
    ({ FEEDBACK }) => `day <= UTC_DATE() - INTERVAL ${FEEDBACK.years} YEAR`,
  ),
  // A notice is due before it is settled: the first condition is what the index finds.
  rowsOf('notice', { name: 'notices', kept: 'NOTICE', every: 'DAY' }, ({ NOTICE }) => {
    const past = `< UTC_TIMESTAMP(3) - INTERVAL ${NOTICE.days} DAY`
    return `state IN ('sent', 'failed', 'unknown', 'cancelled') AND due_at ${past} AND at ${past}`
  }),
  rowsOf(
    'stat_cell',
    { name: 'statistics', kept: 'FIGURES', every: 'DAY' },
    ({ FIGURES }) => `day < UTC_DATE() - INTERVAL ${FIGURES.months} MONTH`,
  ),
  countedSends,
  sendLog,
  proof,
  auditEvents,
]

/** What ends otherwise than by its time, and by what. */
export const endsOtherwise: Partial<Record<Kept, string>> = {
  WHILE_READER: 'erasure',
  SUPPRESSION: 'never: it is what keeps the promise',
  STAFF: 'staff accounts are disabled, not removed: newsletters and decisions name them',
}

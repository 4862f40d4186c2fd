// How long each kind of personal data may be kept: standards §N, and the lifetimes of DESIGN §6.
import { CHANGE_HOURS } from '../../consent/change-address'
import { LONGEST_SESSION_DAYS } from '../../consent/reader-sessions'
import { CODE_MINUTES } from '../../consent/redeem-code'
import { CONFIRM_HOURS } from '../../consent/subscribe'
import { CEILING_DAYS } from '../../deliveries/forget-sends'
import type { Kept } from '../../entities/personal'

export interface Period {
  minutes?: number
  hours?: number
  days?: number
  months?: number
  years?: number
}

/** What the operator may choose, within bounds that the configuration checks. */
export interface RetentionSettings {
  sendLogDays: number
  noticeDays: number
  consentProofYears: number
}

/** By kind; null where no time but an event ends it. When it begins is said in words (`keep.*` of the messages). */
export const periodsOf = ({ sendLogDays, noticeDays, consentProofYears }: RetentionSettings) =>
  ({
    WHILE_READER: null,
    CONSENT_PROOF: { years: consentProofYears },
    REGISTRATION: { hours: CONFIRM_HOURS },
    CODE: { minutes: CODE_MINUTES },
    ADDRESS_CHANGE: { hours: CHANGE_HOURS },
    SESSION: { days: LONGEST_SESSION_DAYS },
    SEND_LOG: { days: sendLogDays },
    SEND_COUNT: { days: CEILING_DAYS + 1 },
    NOTICE: { days: noticeDays },
    BOUNCE: { days: 180 },
    SUPPRESSION: null,
    REQUEST: { years: 3 },
    EXPORT: { days: 1 },
    IMPORT: { years: 3 },
    DISCLOSURE: { years: 3 },
    FEEDBACK: { years: 1 },
    STAFF: null,
    ATTEMPT: { days: 1 },
    AUDIT: { years: 3 },
    // CNIL's condition for measuring audiences: 25 months.
    FIGURES: { months: 25 },
  }) satisfies Record<Kept, Period | null>

export type Periods = ReturnType<typeof periodsOf>

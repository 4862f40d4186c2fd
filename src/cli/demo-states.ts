// How far each of the demo's readers has come with us.

/** Ages in days. Consent ends after 24 months; who stood within 90 days before a newsletter is still accounted for. */
export interface DemoState {
  count: number
  /** When they confirmed, as days before now. */
  confirmed: readonly [from: number, to: number]
  /** Confirmed under the first policy. */
  isEarly?: true
  /** Confirmed again under the second policy. */
  renewed?: readonly [from: number, to: number]
  left?: { scope: 'topic' | 'everything'; ago: readonly [from: number, to: number] }
  suppressed?: { reason: 'HARD_BOUNCE' | 'COMPLAINT' | 'MANUAL'; note: string | null }
  isPaused?: true
}

/** The second policy took effect this long ago: those who confirmed before it and did not renew get nothing. */
export const POLICY_CHANGED_DAYS_AGO = 770

/** Asked and not answered: requests, not readers. */
export const PENDING_COUNT = 48

/** Together with the pending ones exactly a thousand. */
export const demoStates: readonly DemoState[] = [
  { count: 752, confirmed: [1, 690] },
  { count: 61, confirmed: [780, 960], isEarly: true, renewed: [260, 700] },
  { count: 38, confirmed: [95, 690], left: { scope: 'topic', ago: [1, 80] } },
  { count: 12, confirmed: [320, 690], left: { scope: 'topic', ago: [100, 300] } },
  { count: 17, confirmed: [95, 690], left: { scope: 'everything', ago: [1, 80] } },
  { count: 19, confirmed: [5, 690], isPaused: true },
  {
    count: 13,
    confirmed: [30, 690],
    suppressed: { reason: 'HARD_BOUNCE', note: '550 5.1.1 no such mailbox' },
  },
  { count: 3, confirmed: [30, 690], suppressed: { reason: 'COMPLAINT', note: null } },
  { count: 2, confirmed: [30, 690], suppressed: { reason: 'MANUAL', note: 'Asked for it by letter' } },
  { count: 27, confirmed: [775, 812], isEarly: true },
  { count: 8, confirmed: [738, 764] },
]

// What is known of a run when it is over, from sources that know nothing of each other: plain values, read by verify.ts.
import type { SkipReason } from '../../src/entities/delivery'

/** One DATA that was completed with its dot. Times are milliseconds of one clock. */
export interface MessageFact {
  at: number
  to: string[]
  /** First digit of the answer; undefined when none was given. */
  answer: number | undefined
  /** Public id in the Feedback-ID; '' when there is none. */
  newsletter: string
  /** The To header as it is written. */
  toHeader: string
  /** What the tokens in it stand for: ids of deliveries, '?' for one that is none of ours. */
  references: string[]
  /** Names the text without what belongs to this reader: see messages in `skeletons`. */
  skeleton: string
}

interface Answered {
  startedAt: number
  /** Null: there was no answer, or one that promises nothing. */
  answeredAt: number | null
  /** Deliveries named in the answer, or their number where the door tells only that. */
  passed: readonly string[] | number
}
export interface Withdrawal extends Answered {
  kind: 'withdraw'
  readerId: number
  purposeId: number | 'all'
}
export interface Control extends Answered {
  kind: 'pause' | 'resume' | 'cancel'
  newsletter: string
}
export interface Switch extends Answered {
  kind: 'stop' | 'start'
}
export type Call = Withdrawal | Control | Switch

export interface ReaderFact {
  id: number
  publicId: string
  reference: string
  email: string
  name: string | null
}

export interface EventFact {
  principal: string
  purposeId: number
  toState: string
  at: number
}

export interface NewsletterFact {
  id: number
  publicId: string
  reference: string
  topicId: number
  purposeId: number
  status: string
  sendAt: number | null
  startedAt: number | null
  finishedAt: number | null
  /** SHA-256 that was approved, and the one of the content as it is now. */
  approvedHash: string | null
  contentHash: string
  /** Skeletons of what may go out. */
  skeletons: string[]
}

export interface DeliveryFact {
  newsletterId: number
  readerId: number
  status: string
  skipReason: SkipReason | null
}

export interface Facts {
  messages: MessageFact[]
  /** What stands behind the skeletons of the messages. */
  skeletons: Record<string, string>
  calls: Call[]
  readers: ReaderFact[]
  /** In the order of each reader's chain. */
  events: EventFact[]
  consents: { readerId: number; purposeId: number; state: string }[]
  newsletters: NewsletterFact[]
  deliveries: DeliveryFact[]
  ranges: { newsletterId: number; isDone: boolean }[]
  retries: { newsletterId: number; readerId: number }[]
  /** What each topic promises its readers. */
  caps: { topicId: number; maxIssues: number; perDays: number }[]
}

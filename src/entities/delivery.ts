import { registerEnumType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

export enum DeliveryStatus {
  QUEUED = 'queued',
  SENDING = 'sending',
  SENT = 'sent',
  FAILED = 'failed',
  UNKNOWN = 'unknown',
  SKIPPED = 'skipped',
  CANCELLED = 'cancelled',
}
registerEnumType(DeliveryStatus, { name: 'DeliveryStatus' })

export enum SkipReason {
  NO_CONSENT = 'NO_CONSENT',
  CONSENT_PENDING = 'CONSENT_PENDING',
  CONSENT_WITHDRAWN = 'CONSENT_WITHDRAWN',
  RECONSENT_REQUIRED = 'RECONSENT_REQUIRED',
  PAUSED = 'PAUSED',
  FREQUENCY_CAP = 'FREQUENCY_CAP',
  SUPPRESSED_BOUNCE = 'SUPPRESSED_BOUNCE',
  SUPPRESSED_COMPLAINT = 'SUPPRESSED_COMPLAINT',
  SUPPRESSED_UNSUBSCRIBED = 'SUPPRESSED_UNSUBSCRIBED',
  SUPPRESSED_MANUAL = 'SUPPRESSED_MANUAL',
  ERASED = 'ERASED',
  INVALID_ADDRESS = 'INVALID_ADDRESS',
  RESTRICTED = 'RESTRICTED',
  CONSENT_EXPIRED = 'CONSENT_EXPIRED',
  WINDOW_CLOSED = 'WINDOW_CLOSED',
  DUPLICATE = 'DUPLICATE',
  AUDIENCE_FILTER = 'AUDIENCE_FILTER',
  LOCALE_MISSING = 'LOCALE_MISSING',
  RENDER_ERROR = 'RENDER_ERROR',
}
registerEnumType(SkipReason, { name: 'SkipReason' })

const sent = {
  what: 'for each newsletter whether it was sent to the person, and if not, why',
  why: 'to account for each mail and to find faults',
  kept: 'SEND_LOG',
} as const

/**
 * The one row per newsletter and reader. Only deliveries/ writes its state. No index on the state and no foreign keys:
 * work is claimed by key range, and every extra index costs each message.
 */
@AboutReader({ column: 'readerId', by: 'id' })
@Entity('delivery')
export class Delivery {
  @Personal(sent)
  @PrimaryColumn('int', { unsigned: true })
  newsletterId!: number

  @PrimaryColumn('int', { unsigned: true })
  readerId!: number

  @Personal(sent)
  @Column('enum', { enum: DeliveryStatus })
  status!: DeliveryStatus

  @Personal(sent)
  @Column('enum', { enum: SkipReason, nullable: true })
  skipReason!: SkipReason | null

  /** How many times a gate passed for it. */
  @Personal(sent)
  @Column('tinyint', { unsigned: true, default: 0 })
  attempts!: number

  /** The fence under which the last gate passed; only its holder settles it. 0 before: the row does not grow later. */
  @Column('int', { unsigned: true, nullable: true })
  fence!: number | null

  /** Of the last change of status. */
  @Personal(sent)
  @Column('datetime', { precision: 3 })
  at!: Date

  /** The enhanced or basic reply code of what did not go well. */
  @Personal(sent)
  @Column('varchar', { length: 12, nullable: true })
  smtpStatus!: string | null

  /** The server's words, addresses masked. */
  @Personal({ ...sent, quotes: true })
  @Column('varchar', { length: 250, nullable: true })
  diagnostic!: string | null
}

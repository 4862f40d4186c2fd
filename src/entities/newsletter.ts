import { registerEnumType } from 'type-graphql'
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm'
import { Personal } from './personal'
import { StaffUser } from './staff-user'
import { Topic } from './topic'

export enum NewsletterStatus {
  DRAFT = 'DRAFT',
  IN_REVIEW = 'IN_REVIEW',
  SCHEDULED = 'SCHEDULED',
  SENDING = 'SENDING',
  PAUSED = 'PAUSED',
  SENT = 'SENT',
  CANCELLED = 'CANCELLED',
  FAILED = 'FAILED',
}
registerEnumType(NewsletterStatus, { name: 'NewsletterStatus' })

export enum PauseReason {
  MANUAL = 'MANUAL',
  LATE = 'LATE',
  RESTORED = 'RESTORED',
  SITE_STOPPED = 'SITE_STOPPED',
  REDIS_AWAY = 'REDIS_AWAY',
  BOUNCE_RATE = 'BOUNCE_RATE',
  COMPLAINT_RATE = 'COMPLAINT_RATE',
  UNSUBSCRIBE_RATE = 'UNSUBSCRIBE_RATE',
  BLOCK_RATE = 'BLOCK_RATE',
  CANARY = 'CANARY',
  AUTH = 'AUTH',
  PROVIDER_ERROR = 'PROVIDER_ERROR',
  RENDER_ERROR = 'RENDER_ERROR',
}
registerEnumType(PauseReason, { name: 'PauseReason' })

const written = {
  what: 'who of staff wrote and last changed a newsletter',
  why: 'to have it approved by somebody else',
  kept: 'STAFF',
} as const

/** One issue an author writes and a publisher schedules. */
@Entity('newsletter')
@Index('UQ_newsletter_public', ['publicId'], { unique: true })
@Index('UQ_newsletter_reference', ['reference'], { unique: true })
@Index('IX_newsletter_status', ['status', 'sendAt'])
@Index('UQ_newsletter_idempotency', ['scheduleKey'], { unique: true })
export class Newsletter {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  /** Half of the random reference in tokens of its mails. */
  @Column('binary', { length: 6 })
  reference!: Buffer

  /** Optimistic lock: every save adds one. */
  @Column('int', { unsigned: true, default: 1 })
  version!: number

  @Column('varchar', { length: 200 })
  title!: string

  @Column('int', { unsigned: true })
  topicId!: number

  @ManyToOne(() => Topic)
  @JoinColumn({ name: 'topic_id', foreignKeyConstraintName: 'FK_newsletter_topic' })
  topic?: Relation<Topic>

  @Personal(written)
  @Column('int', { unsigned: true })
  authorId!: number

  @ManyToOne(() => StaffUser)
  @JoinColumn({ name: 'author_id', foreignKeyConstraintName: 'FK_newsletter_author' })
  author?: Relation<StaffUser>

  @Column('enum', { enum: NewsletterStatus })
  status!: NewsletterStatus

  @Column('enum', { enum: PauseReason, nullable: true })
  pauseReason!: PauseReason | null

  @Column('varchar', { length: 500, nullable: true })
  pauseDetail!: string | null

  @Column('datetime', { precision: 3, nullable: true })
  sendAt!: Date | null

  /** From then on nothing more of it passes a gate. Null: it has no end. */
  @Column('datetime', { precision: 3, nullable: true })
  expiresAt!: Date | null

  @Column('varchar', { length: 60, nullable: true })
  timeZone!: string | null

  /** SHA-256 of the content that was approved by scheduling; anything else is not sent (I14). */
  @Column('binary', { length: 32, nullable: true })
  approvedHash!: Buffer | null

  @Column('binary', { length: 32, nullable: true })
  scheduleKey!: Buffer | null

  @Column('datetime', { precision: 3, nullable: true })
  startedAt!: Date | null

  /** The key all tokens of its mails are made with, whenever a mail is composed again: a retry keeps its Message-ID. */
  @Column('tinyint', { unsigned: true, nullable: true })
  tokenKeyId!: number | null

  /** When every delivery row existed; nothing is claimed before. */
  @Column('datetime', { precision: 3, nullable: true })
  expandedAt!: Date | null

  /** Up to which reader id the expansion is cut into chunks (delivery_chunk). */
  @Column('int', { unsigned: true, default: 0 })
  expandedUntil!: number

  @Column('datetime', { precision: 3, nullable: true })
  finishedAt!: Date | null

  @Personal(written)
  @Column('int', { unsigned: true })
  savedById!: number

  @Column('datetime', { precision: 3 })
  updatedAt!: Date

  @Column('datetime', { precision: 3 })
  createdAt!: Date
}

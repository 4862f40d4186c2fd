import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

export const noticeKinds = [
  'confirmation',
  'newsletter-test',
  'staff-invitation',
  'staff-reset',
  'login',
  'proof',
  'renewal',
  'email-change',
  'email-changed',
  'export',
  'erasure',
  'lawful-disclosure',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

export const noticeStates = ['queued', 'sending', 'sent', 'failed', 'unknown', 'cancelled'] as const
export type NoticeState = (typeof noticeStates)[number]

const told = {
  what: 'which mails about the person’s own business were sent (confirmations, codes), to which address (as a keyed hash)',
  why: 'to send them once, and never too many',
  kept: 'NOTICE',
} as const

/** One mail about a reader's or staff member's own business, with its own state and retry. */
@AboutReader({
  column: 'addressHash',
  by: 'addressHash',
  only: "kind NOT IN ('newsletter-test', 'staff-invitation', 'staff-reset')",
})
@Entity('notice')
@Index('UQ_notice_public', ['publicId'], { unique: true })
@Index('IX_notice_due', ['state', 'dueAt'])
@Index('IX_notice_registration', ['registrationId'])
@Index('IX_notice_address', ['addressHash', 'state', 'at'])
@Index('IX_notice_newsletter', ['newsletterId'])
export class Notice {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  /** Also its Message-ID: every retry carries the same. */
  @Column('uuid')
  publicId!: string

  @Personal(told)
  @Column('enum', { enum: noticeKinds })
  kind!: NoticeKind

  @Personal(told)
  @Column('enum', { enum: noticeStates })
  state!: NoticeState

  /** Whom it goes to, for budgets and suppression. */
  @Personal(told)
  @Column('binary', { length: 32 })
  addressHash!: Buffer

  @Personal(told)
  @Column('int', { unsigned: true, nullable: true })
  registrationId!: number | null

  @Personal(told)
  @Column('int', { unsigned: true, nullable: true })
  staffId!: number | null

  @Column('int', { unsigned: true, nullable: true })
  newsletterId!: number | null

  @Personal(told)
  @Column('varchar', { length: 20 })
  locale!: string

  /** Asked for by the person after the first one did not arrive. */
  @Personal(told)
  @Column('boolean', { default: false })
  isResend!: boolean

  /** Of a test send: the content that was sent. */
  @Column('binary', { length: 32, nullable: true })
  contentHash!: Buffer | null

  @Column('tinyint', { unsigned: true, default: 0 })
  attempts!: number

  @Column('int', { unsigned: true, default: 0 })
  fence!: number

  @Column('datetime', { precision: 3, nullable: true })
  leaseUntil!: Date | null

  @Column('datetime', { precision: 3 })
  dueAt!: Date

  /** Of the last change of state. */
  @Personal(told)
  @Column('datetime', { precision: 3 })
  at!: Date

  @Personal(told)
  @Column('datetime', { precision: 3 })
  createdAt!: Date

  /** Why it was cancelled, or the reply code. */
  @Personal(told)
  @Column('varchar', { length: 40, nullable: true })
  outcome!: string | null

  @Personal(told)
  @Column('varchar', { length: 250, nullable: true })
  diagnostic!: string | null
}

import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

const waiting = {
  what: 'mails that are tried again, and when',
  why: 'to deliver them after a passing fault',
  kept: 'SEND_LOG',
} as const

/** A queued delivery that waits for its next attempt, apart from its range so that it blocks nobody. */
@AboutReader({ column: 'readerId', by: 'id' })
@Entity('delivery_retry')
@Index('IX_delivery_retry_due', ['newsletterId', 'dueAt'])
export class DeliveryRetry {
  @Personal(waiting)
  @PrimaryColumn('int', { unsigned: true })
  newsletterId!: number

  @PrimaryColumn('int', { unsigned: true })
  readerId!: number

  @Personal(waiting)
  @Column('datetime', { precision: 3 })
  dueAt!: Date

  @Personal(waiting)
  @Column('datetime', { precision: 3 })
  firstTriedAt!: Date

  @Column('int', { unsigned: true, default: 0 })
  fence!: number

  @Column('datetime', { precision: 3, nullable: true })
  leaseUntil!: Date | null
}

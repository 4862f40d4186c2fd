import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/** A queued delivery that waits for its next attempt, apart from its range so that it blocks nobody. */
@Entity('delivery_retry')
@Index('IX_delivery_retry_due', ['newsletterId', 'dueAt'])
export class DeliveryRetry {
  @PrimaryColumn('int', { unsigned: true })
  newsletterId!: number

  @PrimaryColumn('int', { unsigned: true })
  readerId!: number

  @Column('datetime', { precision: 3 })
  dueAt!: Date

  @Column('datetime', { precision: 3 })
  firstTriedAt!: Date

  @Column('int', { unsigned: true, default: 0 })
  fence!: number

  @Column('datetime', { precision: 3, nullable: true })
  leaseUntil!: Date | null
}

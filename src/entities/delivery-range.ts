import { Column, Entity, PrimaryColumn } from 'typeorm'

/** About 500 deliveries that a worker claims together. Fence and lease live here; the gate locks and checks them. */
@Entity('delivery_range')
export class DeliveryRange {
  @PrimaryColumn('int', { unsigned: true })
  newsletterId!: number

  /** First reader id of the range. */
  @PrimaryColumn('int', { unsigned: true })
  fromReaderId!: number

  /** Last reader id of the range, inclusive. */
  @Column('int', { unsigned: true })
  toReaderId!: number

  /** Grows by one with every claim: who holds an older one has lost the range. */
  @Column('int', { unsigned: true, default: 0 })
  fence!: number

  /** By the database clock; past or null means free. */
  @Column('datetime', { precision: 3, nullable: true })
  leaseUntil!: Date | null

  @Column('datetime', { precision: 3, nullable: true })
  doneAt!: Date | null
}

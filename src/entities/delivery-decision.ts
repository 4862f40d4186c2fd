import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { DeliveryStatus } from './delivery'

/** What a named person decided about a delivery nobody could tell the outcome of. Added to, never changed. */
@Entity('delivery_decision')
@Index('IX_delivery_decision_delivery', ['newsletterId', 'readerId'])
export class DeliveryDecision {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id!: number

  @Column('int', { unsigned: true })
  newsletterId!: number

  @Column('int', { unsigned: true })
  readerId!: number

  @Column('int', { unsigned: true })
  staffId!: number

  @Column('enum', { enum: DeliveryStatus })
  fromStatus!: DeliveryStatus

  @Column('enum', { enum: DeliveryStatus })
  toStatus!: DeliveryStatus

  /** In the person's own words. */
  @Column('varchar', { length: 500 })
  reason!: string

  @Column('datetime', { precision: 3 })
  at!: Date
}

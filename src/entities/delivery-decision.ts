import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { DeliveryStatus } from './delivery'
import { AboutReader, Personal } from './personal'

const decided = {
  what: 'what staff decided about a mail with an unknown outcome',
  why: 'to account for each mail and to find faults',
  kept: 'SEND_LOG',
} as const

/** What a named person decided about a delivery nobody could tell the outcome of. Added to, never changed. */
@AboutReader({ column: 'readerId', by: 'id' })
@Entity('delivery_decision')
@Index('IX_delivery_decision_delivery', ['newsletterId', 'readerId'])
export class DeliveryDecision {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id!: number

  @Personal(decided)
  @Column('int', { unsigned: true })
  newsletterId!: number

  @Column('int', { unsigned: true })
  readerId!: number

  @Personal(decided)
  @Column('int', { unsigned: true })
  staffId!: number

  @Personal(decided)
  @Column('enum', { enum: DeliveryStatus })
  fromStatus!: DeliveryStatus

  @Personal(decided)
  @Column('enum', { enum: DeliveryStatus })
  toStatus!: DeliveryStatus

  /** In the person's own words. */
  @Personal(decided)
  @Column('varchar', { length: 500 })
  reason!: string

  @Personal(decided)
  @Column('datetime', { precision: 3 })
  at!: Date
}

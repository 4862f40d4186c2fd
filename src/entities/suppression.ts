import { registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

export enum SuppressionReason {
  HARD_BOUNCE = 'HARD_BOUNCE',
  COMPLAINT = 'COMPLAINT',
  UNSUBSCRIBED_ALL = 'UNSUBSCRIBED_ALL',
  ERASED = 'ERASED',
  MANUAL = 'MANUAL',
}
registerEnumType(SuppressionReason, { name: 'SuppressionReason' })

const blocked = {
  what: 'that an address (as a keyed hash) gets no mail, since when and why',
  why: 'to keep it that way, also after erasure',
  kept: 'SUPPRESSION',
} as const

/** An address, as keyed hash, that is not mailed. HARD_BOUNCE, COMPLAINT and MANUAL block everything. */
@AboutReader({ column: 'addressHash', by: 'addressHash' })
@Entity('suppression')
@Index('UQ_suppression_public', ['publicId'], { unique: true })
@Index('UQ_suppression_address', ['addressHash', 'reason'], { unique: true })
export class Suppression {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  @Personal(blocked)
  @Column('binary', { length: 32 })
  addressHash!: Buffer

  @Personal(blocked)
  @Column('enum', { enum: SuppressionReason })
  reason!: SuppressionReason

  /** The newsletter that brought it about, where one did. */
  @Personal(blocked)
  @Column('int', { unsigned: true, nullable: true })
  newsletterId!: number | null

  @Personal(blocked)
  @Column('varchar', { length: 500, nullable: true })
  note!: string | null

  @Personal(blocked)
  @Column('datetime', { precision: 3 })
  createdAt!: Date
}

import { registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

export enum SuppressionReason {
  HARD_BOUNCE = 'HARD_BOUNCE',
  COMPLAINT = 'COMPLAINT',
  UNSUBSCRIBED_ALL = 'UNSUBSCRIBED_ALL',
  ERASED = 'ERASED',
  MANUAL = 'MANUAL',
}
registerEnumType(SuppressionReason, { name: 'SuppressionReason' })

/** An address, as keyed hash, that is not mailed. HARD_BOUNCE, COMPLAINT and MANUAL block everything. */
@Entity('suppression')
@Index('UQ_suppression_public', ['publicId'], { unique: true })
@Index('UQ_suppression_address', ['addressHash', 'reason'], { unique: true })
export class Suppression {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  @Column('binary', { length: 32 })
  addressHash!: Buffer

  @Column('enum', { enum: SuppressionReason })
  reason!: SuppressionReason

  /** The newsletter that brought it about, where one did. */
  @Column('int', { unsigned: true, nullable: true })
  newsletterId!: number | null

  @Column('varchar', { length: 500, nullable: true })
  note!: string | null

  @Column('datetime', { precision: 3 })
  createdAt!: Date
}

import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

/** Why a reader is asked: a material policy version, a yes that ends soon, a topic that was silent for a year. */
export const renewalReasons = ['POLICY', 'EXPIRY', 'SILENCE'] as const
export type RenewalReason = (typeof renewalReasons)[number]

/**
 * One request to a reader to renew what they had said yes to. There is one per reader and occasion, so that nobody is
 * asked twice. What its link would renew is not stored: it is read from the consents when the link is opened.
 */
@Entity('renewal')
@Index('UQ_renewal_reference', ['reference'], { unique: true })
@Index('UQ_renewal', ['readerId', 'reason', 'occasion'], { unique: true })
@Index('IX_renewal_notice', ['noticeId'])
export class Renewal {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  /** The random reference in the link. */
  @Column('binary', { length: 16 })
  reference!: Buffer

  /** Which key the link is made with. */
  @Column('tinyint', { unsigned: true })
  keyId!: number

  @Column('int', { unsigned: true })
  readerId!: number

  @Column('enum', { enum: renewalReasons })
  reason!: RenewalReason

  /** The policy's number, the day (from year 0) of the first end, or the second (from 1970) of the topic's refresh. */
  @Column('int', { unsigned: true })
  occasion!: number

  /** The notice that carries it; null only inside the transaction that writes both. */
  @Column('int', { unsigned: true, nullable: true })
  noticeId!: number | null

  @Column('datetime', { precision: 3 })
  createdAt!: Date
}

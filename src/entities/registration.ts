import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

/** One decision as it was sent: purpose, the exact words shown, yes or no. */
export interface RegisteredDecision {
  purposeId: number
  purposeVersionId: number
  granted: boolean
}

/**
 * A pending request to be signed up: touches nothing of an existing reader, and its confirmation can only add.
 * Unconfirmed ones are deleted when the link ends (standards O7).
 */
@Entity('registration')
@Index('UQ_registration_reference', ['reference'], { unique: true })
@Index('UQ_registration_idempotency', ['idempotencyHash'], { unique: true })
@Index('IX_registration_address', ['addressHash', 'createdAt'])
@Index('IX_registration_expires', ['expiresAt'])
export class Registration {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  /** The random reference in the confirm link. */
  @Column('binary', { length: 16 })
  reference!: Buffer

  @Column('binary', { length: 32 })
  addressHash!: Buffer

  @Column('varbinary', { length: 320, nullable: true })
  emailSealed!: Buffer | null

  @Column('varbinary', { length: 500, nullable: true })
  nameSealed!: Buffer | null

  @Column('tinyint', { unsigned: true })
  keyId!: number

  @Column('varchar', { length: 20 })
  locale!: string

  @Column('varchar', { length: 60, nullable: true })
  timeZone!: string | null

  @Column('int', { unsigned: true })
  policyVersionId!: number

  @Column('simple-json')
  decisions!: RegisteredDecision[]

  @Column('varchar', { length: 20 })
  surface!: string

  /** The age limit that was passed; the date itself is never kept (standards K2). */
  @Column('tinyint', { unsigned: true })
  agePassed!: number

  @Column('binary', { length: 32 })
  idempotencyHash!: Buffer

  @Column('binary', { length: 32 })
  requestHash!: Buffer

  @Column('datetime', { precision: 3 })
  createdAt!: Date

  @Column('datetime', { precision: 3 })
  expiresAt!: Date

  @Column('datetime', { precision: 3, nullable: true })
  confirmedAt!: Date | null

  /** The reader this became, for the page that says "already confirmed". */
  @Column('int', { unsigned: true, nullable: true })
  readerId!: number | null
}

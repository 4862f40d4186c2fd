import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

/** One decision as it was sent: purpose, the exact words shown, yes or no. */
export interface RegisteredDecision {
  purposeId: number
  purposeVersionId: number
  granted: boolean
}

const request = {
  what: 'a sign-up that waits for its confirmation: e-mail address, name if given, language, choices',
  why: 'to ask the owner of the address whether they want it',
  kept: 'REGISTRATION',
} as const

/**
 * A pending request to be signed up: touches nothing of an existing reader, and its confirmation can only add.
 * Unconfirmed ones are deleted when the link ends (standards O7).
 */
@AboutReader({ column: 'addressHash', by: 'addressHash' })
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

  @Personal(request)
  @Column('binary', { length: 32 })
  addressHash!: Buffer

  @Personal(request)
  @Column('varbinary', { length: 320, nullable: true })
  emailSealed!: Buffer | null

  @Personal(request)
  @Column('varbinary', { length: 500, nullable: true })
  nameSealed!: Buffer | null

  @Column('tinyint', { unsigned: true })
  keyId!: number

  @Personal(request)
  @Column('varchar', { length: 20 })
  locale!: string

  @Personal(request)
  @Column('varchar', { length: 60, nullable: true })
  timeZone!: string | null

  @Personal(request)
  @Column('int', { unsigned: true })
  policyVersionId!: number

  @Personal(request)
  @Column('simple-json')
  decisions!: RegisteredDecision[]

  @Personal(request)
  @Column('varchar', { length: 20 })
  surface!: string

  /** The age limit that was passed; the date itself is never kept (standards K2). */
  @Personal(request)
  @Column('tinyint', { unsigned: true })
  agePassed!: number

  @Column('binary', { length: 32 })
  idempotencyHash!: Buffer

  @Column('binary', { length: 32 })
  requestHash!: Buffer

  @Personal(request)
  @Column('datetime', { precision: 3 })
  createdAt!: Date

  @Personal(request)
  @Column('datetime', { precision: 3 })
  expiresAt!: Date

  @Personal(request)
  @Column('datetime', { precision: 3, nullable: true })
  confirmedAt!: Date | null

  /** The reader this became, for the page that says "already confirmed". */
  @Personal(request)
  @Column('int', { unsigned: true, nullable: true })
  readerId!: number | null
}

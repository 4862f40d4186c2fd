import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { Personal } from './personal'

/** What a key may be good for; an operation names at most one of them. */
export const apiScopes = [
  'newsletters:read',
  'readers:register',
  'readers:unsubscribe',
  'processor:records',
] as const
export type ApiScope = (typeof apiScopes)[number]

const maker = {
  what: 'which admin made an API key',
  why: 'to end it with that person’s access',
  kept: 'STAFF',
} as const

/** A key by which a program of the site uses the API, within its scopes. The key itself is shown once and never stored. */
@Entity('api_key')
@Index('UQ_api_key_public', ['publicId'], { unique: true })
@Index('IX_api_key_staff', ['staffId'])
@Index('UQ_api_key_hash', ['keyHash'], { unique: true })
export class ApiKey {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  /** The admin who made it, with whom it ends; null for keys made before that was noted. */
  @Personal(maker)
  @Column('int', { unsigned: true, nullable: true })
  staffId!: number | null

  /** The third party it was made for; null for the site's own programs. */
  @Column('int', { unsigned: true, nullable: true })
  processorId!: number | null

  @Column('varchar', { length: 100 })
  name!: string

  /** SHA-256 of the key. */
  @Column('binary', { length: 32 })
  keyHash!: Buffer

  @Column('simple-array')
  scopes!: ApiScope[]

  @Column('datetime', { precision: 3 })
  createdAt!: Date

  @Column('datetime', { precision: 3 })
  expiresAt!: Date

  /** To the minute. */
  @Column('datetime', { precision: 3, nullable: true })
  lastUsedAt!: Date | null

  @Column('datetime', { precision: 3, nullable: true })
  revokedAt!: Date | null
}

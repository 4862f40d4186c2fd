import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'
import { SessionTransport } from './session-transport'

const logIn = {
  what: 'log-ins: when, how, and what the device calls itself',
  why: 'to stay logged in, and to end a log-in',
  kept: 'SESSION',
} as const

/** One log-in of a reader. Tokens are shown once; only their SHA-256 is stored. */
@AboutReader({ column: 'readerId', by: 'id' })
@Entity('reader_session')
@Index('UQ_reader_session_public', ['publicId'], { unique: true })
@Index('UQ_reader_session_token', ['tokenHash'], { unique: true })
@Index('UQ_reader_session_family', ['familyHash'], { unique: true })
@Index('IX_reader_session_reader', ['readerId'])
@Index('IX_reader_session_expires', ['expiresAt'])
export class ReaderSession {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Personal(logIn)
  @Column('uuid')
  publicId!: string

  @Column('int', { unsigned: true })
  readerId!: number

  /** The address that was proved. Another one, or none any more, ends the session. */
  @Personal(logIn)
  @Column('binary', { length: 32 })
  addressHash!: Buffer

  @Personal(logIn)
  @Column('enum', { enum: SessionTransport })
  transport!: SessionTransport

  /** Of the cookie, or of the present access token. */
  @Column('binary', { length: 32 })
  tokenHash!: Buffer

  /** When the access token ends; the session goes on. Null for a cookie. */
  @Column('datetime', { precision: 3, nullable: true })
  tokenExpiresAt!: Date | null

  /** What all refresh tokens of this log-in have in common: an old one is recognised by it. */
  @Column('binary', { length: 32, nullable: true })
  familyHash!: Buffer | null

  /** Of the one refresh token that is good now. */
  @Column('binary', { length: 32, nullable: true })
  refreshHash!: Buffer | null

  /** What the client calls itself, for the list of sessions. */
  @Personal(logIn)
  @Column('varchar', { length: 100, nullable: true })
  device!: string | null

  @Personal(logIn)
  @Column('datetime', { precision: 3 })
  createdAt!: Date

  @Personal(logIn)
  @Column('datetime', { precision: 3 })
  lastUsedAt!: Date

  /** Idle and absolute limit, whichever comes first. */
  @Personal(logIn)
  @Column('datetime', { precision: 3 })
  expiresAt!: Date

  /** When a mailed code was last entered in this session. */
  @Personal(logIn)
  @Column('datetime', { precision: 3, nullable: true })
  provenAt!: Date | null
}

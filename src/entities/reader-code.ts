import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

export const codePurposes = ['login', 'proof'] as const
export type CodePurpose = (typeof codePurposes)[number]

const asked = {
  what: 'that a code was asked for, for which address (as a keyed hash), and whether it was used',
  why: 'to log in without a password',
  kept: 'CODE',
} as const

/**
 * A request for a mailed 6-digit code. The code itself is stored nowhere: it is a keyed hash of the reference. A row is
 * written for every address that is asked for, known or not, so that both take the same time (I11).
 */
@AboutReader({ column: 'addressHash', by: 'addressHash' })
@Entity('reader_code')
@Index('UQ_reader_code_reference', ['reference'], { unique: true })
@Index('IX_reader_code_address', ['addressHash', 'purpose'])
@Index('IX_reader_code_expires', ['expiresAt'])
export class ReaderCode {
  /** The notice that carries it. */
  @PrimaryColumn('int', { unsigned: true })
  noticeId!: number

  @Personal(asked)
  @Column('enum', { enum: codePurposes })
  purpose!: CodePurpose

  /** Random; stands in the log-in link, and the code is derived from it. */
  @Column('binary', { length: 16 })
  reference!: Buffer

  /** Which key the code is derived with. */
  @Column('tinyint', { unsigned: true })
  keyId!: number

  @Personal(asked)
  @Column('binary', { length: 32 })
  addressHash!: Buffer

  /** A proof counts only for the session that asked for it. */
  @Column('int', { unsigned: true, nullable: true })
  sessionId!: number | null

  /** How often a code was entered against this request. */
  @Personal(asked)
  @Column('tinyint', { unsigned: true, default: 0 })
  tries!: number

  @Personal(asked)
  @Column('datetime', { precision: 3 })
  createdAt!: Date

  @Personal(asked)
  @Column('datetime', { precision: 3 })
  expiresAt!: Date

  @Personal(asked)
  @Column('datetime', { precision: 3, nullable: true })
  usedAt!: Date | null
}

import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

export const codePurposes = ['login', 'proof'] as const
export type CodePurpose = (typeof codePurposes)[number]

/**
 * A request for a mailed 6-digit code. The code itself is stored nowhere: it is a keyed hash of the reference. A row is
 * written for every address that is asked for, known or not, so that both take the same time (I11).
 */
@Entity('reader_code')
@Index('UQ_reader_code_reference', ['reference'], { unique: true })
@Index('IX_reader_code_address', ['addressHash', 'purpose'])
@Index('IX_reader_code_expires', ['expiresAt'])
export class ReaderCode {
  /** The notice that carries it. */
  @PrimaryColumn('int', { unsigned: true })
  noticeId!: number

  @Column('enum', { enum: codePurposes })
  purpose!: CodePurpose

  /** Random; stands in the log-in link, and the code is derived from it. */
  @Column('binary', { length: 16 })
  reference!: Buffer

  /** Which key the code is derived with. */
  @Column('tinyint', { unsigned: true })
  keyId!: number

  @Column('binary', { length: 32 })
  addressHash!: Buffer

  /** A proof counts only for the session that asked for it. */
  @Column('int', { unsigned: true, nullable: true })
  sessionId!: number | null

  /** How often a code was entered against this request. */
  @Column('tinyint', { unsigned: true, default: 0 })
  tries!: number

  @Column('datetime', { precision: 3 })
  createdAt!: Date

  @Column('datetime', { precision: 3 })
  expiresAt!: Date

  @Column('datetime', { precision: 3, nullable: true })
  usedAt!: Date | null
}

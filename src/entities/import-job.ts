import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { Personal } from './personal'
import type { SuppressionReason } from './suppression'

export const importKinds = ['readers', 'suppressions'] as const
export type ImportKind = (typeof importKinds)[number]

/** What was decided before the file was seen. */
export type ImportSettings =
  | {
      kind: 'readers'
      /** The columns that hold source, time, wording and, where there is a fourth, policy version. */
      evidenceColumns: string[]
      policyNumber: number
      /** For rows that name no topic themselves. */
      topicSlugs: string[]
    }
  | { kind: 'suppressions'; reason: SuppressionReason }

export const importStates = ['waiting', 'running', 'completed', 'failed'] as const
export type ImportState = (typeof importStates)[number]

/**
 * One file of readers or suppressions that is taken in. The file itself is kept nowhere: this row says how far it was
 * read, so that sending it again goes on from there.
 */
@Entity('import_job')
@Index('UQ_import_job_public', ['publicId'], { unique: true })
@Index('UQ_import_job_ticket', ['ticketHash'], { unique: true })
export class ImportJob {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  @Column('enum', { enum: importKinds })
  kind!: ImportKind

  @Column('enum', { enum: importStates })
  state!: ImportState

  /** SHA-256 of the ticket in the upload's URL; null for the command line. */
  @Column('binary', { length: 32, nullable: true })
  ticketHash!: Buffer | null

  /** Until when the ticket is good. */
  @Column('datetime', { precision: 3 })
  expiresAt!: Date

  /** Who may send the file; null: the operator. */
  @Personal({
    what: 'which files of readers or suppressions somebody of staff had taken in',
    why: 'to show where imported readers came from',
    kept: 'IMPORT',
  })
  @Column('int', { unsigned: true, nullable: true })
  staffId!: number | null

  /** As it was named, addresses masked. */
  @Column('varchar', { length: 200 })
  fileName!: string

  @Column('simple-json')
  settings!: ImportSettings

  /** Grows with every sending; what an earlier one still wants to write is refused. */
  @Column('int', { unsigned: true, default: 0 })
  fence!: number

  /** So many rows behind the header are done. */
  @Column('int', { unsigned: true, default: 0 })
  position!: number

  /** SHA-256 over the header and the rows that are done: what is sent again must begin with the same. */
  @Column('binary', { length: 32, nullable: true })
  rowsHash!: Buffer | null

  @Column('int', { unsigned: true, default: 0 })
  accepted!: number

  /** Rows that said what the tables say already. */
  @Column('int', { unsigned: true, default: 0 })
  unchanged!: number

  @Column('int', { unsigned: true, default: 0 })
  rejected!: number

  /** SHA-256 of the whole file's bytes, once it is done. */
  @Column('binary', { length: 32, nullable: true })
  fileHash!: Buffer | null

  /** Why the file was given up, as a code of imports/problem. */
  @Column('varchar', { length: 20, nullable: true })
  problem!: string | null

  @Column('int', { unsigned: true, nullable: true })
  problemRow!: number | null

  @Column('datetime', { precision: 3 })
  createdAt!: Date

  @Column('datetime', { precision: 3, nullable: true })
  endedAt!: Date | null
}

import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { JobStatus } from './job-status'
import { AboutReader, Personal } from './personal'

export enum DataRequestKind {
  EXPORT = 'EXPORT',
  ERASURE = 'ERASURE',
}
registerEnumType(DataRequestKind, { name: 'DataRequestKind' })

/** Who asked; RESTORE: an erasure done again after a backup was put back. */
export const requestOrigins = ['READER', 'STAFF', 'OPERATOR', 'RESTORE'] as const
export type RequestOrigin = (typeof requestOrigins)[number]

const asked = {
  what: 'requests for a copy or for erasure: when, what became of them, and what an erasure removed',
  why: 'to show that they were answered in time',
  kept: 'REQUEST',
} as const

/** A person's request for a copy of their data or for its erasure. The row is the truth, a job only its wake-up call. */
@ObjectType('DataRequest')
@AboutReader({ column: 'readerId', by: 'id' })
@Entity('data_request')
@Index('UQ_data_request_public', ['publicId'], { unique: true })
@Index('UQ_data_request_reference', ['reference'], { unique: true })
@Index('IX_data_request_reader', ['readerId'])
@Index('IX_data_request_status', ['status'])
@Index('IX_data_request_notice', ['noticeId'])
export class DataRequest {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Field(() => ID, { name: 'id' })
  @Column('uuid')
  publicId!: string

  @Personal(asked)
  @Field(() => DataRequestKind)
  @Column('enum', { enum: DataRequestKind })
  kind!: DataRequestKind

  @Personal(asked)
  @Field(() => JobStatus)
  @Column('enum', { enum: JobStatus })
  status!: JobStatus

  /** Null when the address was no reader's. */
  @Column('int', { unsigned: true, nullable: true })
  readerId!: number | null

  /** Of an erasure that is not over yet. */
  @Personal(asked)
  @Column('binary', { length: 32, nullable: true })
  addressHash!: Buffer | null

  @Personal(asked)
  @Column('enum', { enum: requestOrigins })
  origin!: RequestOrigin

  /** The erasure takes the proof as well (standards K4). */
  @Column('boolean')
  isChild!: boolean

  @Personal(asked)
  @Field(() => Date)
  @Column('datetime', { precision: 3 })
  requestedAt!: Date

  /** The law gives a month (Art. 12(3) GDPR). */
  @Field(() => Date)
  @Column('datetime', { precision: 3 })
  dueAt!: Date

  @Personal(asked)
  @Field(() => Date, { nullable: true })
  @Column('datetime', { precision: 3, nullable: true })
  completedAt!: Date | null

  /** The mail that says that the copy is ready, or that the data is gone. */
  @Column('int', { unsigned: true, nullable: true })
  noticeId!: number | null

  /** Random: the ticket of the download, and what its code is derived from. */
  @Column('binary', { length: 16 })
  reference!: Buffer

  /** Which key ticket and code are made with. */
  @Column('tinyint', { unsigned: true })
  keyId!: number

  /** How often a code was entered at the download. */
  @Column('tinyint', { unsigned: true, default: 0 })
  tries!: number

  @Field(() => Date, { nullable: true })
  @Column('datetime', { precision: 3, nullable: true })
  downloadExpiresAt!: Date | null

  /** JSON with numbers and hashes only. */
  @Personal(asked)
  @Field(() => String, {
    nullable: true,
    description: 'JSON: what an erasure removed and what stays, or the SHA-256 of the copy.',
  })
  @Column('varchar', { length: 2000, nullable: true })
  receipt!: string | null

  @Column('int', { unsigned: true, default: 0 })
  fence!: number

  @Column('datetime', { precision: 3, nullable: true })
  leaseUntil!: Date | null
}

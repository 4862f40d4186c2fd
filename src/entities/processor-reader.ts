import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

const number = {
  what: 'the random number under which a third party knows the person',
  why: 'to tell it when the data has to be deleted',
  kept: 'WHILE_READER',
} as const

/** Under which number a processor knows a reader: another one for each, so that two cannot put theirs together. */
@AboutReader({ column: 'readerId', by: 'id' })
@Entity('processor_reader')
@Index('UQ_processor_reader_ref', ['ref'], { unique: true })
@Index('IX_processor_reader_reader', ['readerId'])
export class ProcessorReader {
  @PrimaryColumn('int', { unsigned: true })
  processorId!: number

  @PrimaryColumn('int', { unsigned: true })
  readerId!: number

  @Personal(number)
  @Column('uuid')
  ref!: string
}

/** Tells a processor that somebody it was given data of was erased; by its own number for them, which leads here to nobody. */
@Entity('erasure_notice')
@Index('UQ_erasure_notice_public', ['publicId'], { unique: true })
@Index('IX_erasure_notice_processor', ['processorId', 'erasedAt'])
export class ErasureNotice {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  @Column('int', { unsigned: true })
  processorId!: number

  @Column('uuid')
  ref!: string

  @Column('datetime', { precision: 3 })
  requestedAt!: Date

  /** A month, as the law gives the site itself (Art. 12(3), 19 GDPR). */
  @Column('datetime', { precision: 3 })
  dueAt!: Date

  /** When the processor says it erased it; null until it does. */
  @Column('datetime', { precision: 3, nullable: true })
  erasedAt!: Date | null

  @Column('datetime', { precision: 3, nullable: true })
  acknowledgedAt!: Date | null
}

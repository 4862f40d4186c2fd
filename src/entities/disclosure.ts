import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

/** One passing of personal data to a processor: a page of readers, for a purpose, under an agreement. */
@Entity('disclosure')
@Index('UQ_disclosure_public', ['publicId'], { unique: true })
@Index('IX_disclosure_processor', ['processorId'])
export class Disclosure {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  @Column('int', { unsigned: true })
  processorId!: number

  @Column('int', { unsigned: true })
  purposeId!: number

  @Column('int', { unsigned: true })
  agreementId!: number

  /** Which of its keys was used. */
  @Column('int', { unsigned: true })
  apiKeyId!: number

  @Column('simple-json')
  dataCategories!: string[]

  @Column('int', { unsigned: true })
  recordCount!: number

  /** As the processor gave it, addresses masked. */
  @Column('varchar', { length: 500 })
  reason!: string

  @Column('datetime', { precision: 3 })
  at!: Date
}

const passed = {
  what: 'to which third party data was passed, what for and when',
  why: 'to be able to say who got it',
  kept: 'DISCLOSURE',
} as const

/** Who was on that page. */
@AboutReader({ column: 'readerId', by: 'id' })
@Entity('disclosed_reader')
@Index('IX_disclosed_reader_reader', ['readerId'])
export class DisclosedReader {
  @PrimaryColumn('int', { unsigned: true })
  disclosureId!: number

  @PrimaryColumn('int', { unsigned: true })
  readerId!: number

  @Personal(passed)
  @Column('int', { unsigned: true })
  processorId!: number

  @Personal(passed)
  @Column('int', { unsigned: true })
  purposeId!: number

  @Personal(passed)
  @Column('datetime', { precision: 3 })
  at!: Date
}

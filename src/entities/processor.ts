import { registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm'

export enum ProcessorStatus {
  DRAFT = 'DRAFT',
  ACTIVE = 'ACTIVE',
  SUSPENDED = 'SUSPENDED',
  ENDED = 'ENDED',
}
registerEnumType(ProcessorStatus, { name: 'ProcessorStatus' })

/** A third party that helps the site: who it is, what it does, and what it may be given. */
@Entity('processor')
@Index('UQ_processor_public', ['publicId'], { unique: true })
export class Processor {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  @Column('varchar', { length: 100 })
  name!: string

  @Column('varchar', { length: 200 })
  legalName!: string

  /** ISO 3166-1 alpha-2. */
  @Column('varchar', { length: 2 })
  country!: string

  /** What it does for the site. */
  @Column('varchar', { length: 500 })
  role!: string

  /** As JSON: `email`, `name` and `locale` are what the API hands out, the rest is for people. */
  @Column('simple-json')
  dataCategories!: string[]

  @Column('varchar', { length: 500, nullable: true })
  privacyPolicyUrl!: string | null

  /** The host of a service of theirs that the product itself uses, such as an SMTP relay. */
  @Column('varchar', { length: 255, nullable: true })
  serviceHost!: string | null

  @Column('enum', { enum: ProcessorStatus })
  status!: ProcessorStatus
}

/** What a processor may be given data for. */
@Entity('processor_purpose')
export class ProcessorPurpose {
  @PrimaryColumn('int', { unsigned: true })
  processorId!: number

  @PrimaryColumn('int', { unsigned: true })
  purposeId!: number
}

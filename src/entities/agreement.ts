import { registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

export enum AgreementKind {
  CONFIDENTIALITY = 'CONFIDENTIALITY',
  DATA_PROCESSING = 'DATA_PROCESSING',
  STANDARD_CLAUSES = 'STANDARD_CLAUSES',
}
registerEnumType(AgreementKind, { name: 'AgreementKind' })

/** What a processor signed. Added and never changed: a new one follows an old one. */
@Entity('agreement')
@Index('UQ_agreement_public', ['publicId'], { unique: true })
@Index('IX_agreement_processor', ['processorId'])
export class Agreement {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  @Column('int', { unsigned: true })
  processorId!: number

  @Column('enum', { enum: AgreementKind })
  kind!: AgreementKind

  /** `2026-11-30`. */
  @Column('date')
  signedAt!: string

  /** The last day it holds; null: until it is ended. */
  @Column('date', { nullable: true })
  expiresAt!: string | null

  /** SHA-256 of the document that was signed. */
  @Column('binary', { length: 32 })
  documentHash!: Buffer
}

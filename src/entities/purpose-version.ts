import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm'
import { Purpose } from './purpose'

/** The words of a purpose in one locale at one version: what a reader agrees to. Never changed once written. */
@Entity('purpose_version')
@Index('UQ_purpose_version', ['purposeId', 'version', 'locale'], { unique: true })
export class PurposeVersion {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('int', { unsigned: true })
  purposeId!: number

  @ManyToOne(() => Purpose)
  @JoinColumn({ name: 'purpose_id', foreignKeyConstraintName: 'FK_purpose_version_purpose' })
  purpose?: Relation<Purpose>

  @Column('int', { unsigned: true })
  version!: number

  @Column('varchar', { length: 20 })
  locale!: string

  @Column('varchar', { length: 200 })
  title!: string

  @Column('varchar', { length: 2000 })
  description!: string

  /** How often, in words; topics only. */
  @Column('varchar', { length: 200, nullable: true })
  cadence!: string | null

  /** SHA-256 over all words above: the evidence of what was shown. */
  @Column('binary', { length: 32 })
  wordingHash!: Buffer

  @Column('datetime', { precision: 3 })
  createdAt!: Date
}

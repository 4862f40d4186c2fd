import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

const released = {
  what: 'whether your data was released to an authority or court: when, on whose decision, and what was asked for',
  why: 'to answer for it, and to be able to say who got it',
  kept: 'DISCLOSURE',
} as const

/**
 * One request of an authority for the data of one reader, and what became of it. What was asked and decided is written
 * once: the database refuses to change it (P10).
 */
@AboutReader({
  column: 'readerId',
  by: 'id',
  // The law may forbid to tell the person for a while.
  shownOnly: '(tell_not_before IS NULL OR tell_not_before <= UTC_TIMESTAMP(3))',
})
@Entity('lawful_disclosure')
@Index('UQ_lawful_disclosure_public', ['publicId'], { unique: true })
@Index('UQ_lawful_disclosure_ticket', ['ticket'], { unique: true })
@Index('IX_lawful_disclosure_reader', ['readerId'])
@Index('IX_lawful_disclosure_notice', ['noticeId'])
export class LawfulDisclosure {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  /** One person: there is no place for a second. */
  @Column('int', { unsigned: true })
  readerId!: number

  @Column('varchar', { length: 200 })
  authority!: string

  /** The law or right that it is released under. */
  @Column('varchar', { length: 200 })
  basis!: string

  /** Under what the authority files it; no names. */
  @Column('varchar', { length: 100 })
  fileNumber!: string

  /** What they want to know. */
  @Personal({ ...released, quotes: true })
  @Column('varchar', { length: 500, nullable: true })
  scope!: string | null

  @Personal(released)
  @Column('int', { unsigned: true })
  requestedById!: number

  @Personal(released)
  @Column('datetime', { precision: 3 })
  requestedAt!: Date

  /** Another admin; where there is none, the same one a day later. */
  @Personal(released)
  @Column('int', { unsigned: true, nullable: true })
  approvedById!: number | null

  @Personal(released)
  @Column('datetime', { precision: 3, nullable: true })
  approvedAt!: Date | null

  @Personal(released)
  @Column('int', { unsigned: true, nullable: true })
  handedOutById!: number | null

  @Personal(released)
  @Column('datetime', { precision: 3, nullable: true })
  handedOutAt!: Date | null

  /** SHA-256 of the file that was handed out. */
  @Column('binary', { length: 32, nullable: true })
  extractHash!: Buffer | null

  /** The reader is told from then on; null: at once. */
  @Personal(released)
  @Column('datetime', { precision: 3, nullable: true })
  tellNotBefore!: Date | null

  /** Why not at once. */
  @Personal({ ...released, quotes: true })
  @Column('varchar', { length: 500, nullable: true })
  silenceReason!: string | null

  /** When the mail to the reader was written. */
  @Personal(released)
  @Column('datetime', { precision: 3, nullable: true })
  toldAt!: Date | null

  @Column('int', { unsigned: true, nullable: true })
  noticeId!: number | null

  /** Random: what the address of the download is made from. */
  @Column('binary', { length: 16 })
  ticket!: Buffer

  /** Which key that address is made with. */
  @Column('tinyint', { unsigned: true })
  keyId!: number
}

import { Column, Entity, PrimaryColumn } from 'typeorm'

/** The one row (id 1) with the facts of this site and its red button. Every gate locks it in share mode. */
@Entity('site')
export class Site {
  @PrimaryColumn('tinyint', { unsigned: true })
  id!: number

  @Column('varchar', { length: 100 })
  name!: string

  @Column('varchar', { length: 254 })
  contact!: string

  /** Comma-separated BCP-47 tags; the first is the default. */
  @Column('varchar', { length: 200 })
  locales!: string

  /** The present terms of consent (consent_terms). Each new consent event names them. */
  @Column('binary', { length: 32, nullable: true })
  termsHash!: Buffer | null

  /** Set while the whole site is stopped: no gate passes. */
  @Column('datetime', { precision: 3, nullable: true })
  stoppedAt!: Date | null

  @Column('varchar', { length: 500, nullable: true })
  stopReason!: string | null

  /** The ceiling over all topics (standards §N), raised for a reader by what the topics they said yes to promise. */
  @Column('smallint', { unsigned: true, default: 1 })
  maxPerDay!: number

  @Column('smallint', { unsigned: true, default: 3 })
  maxPerWeek!: number

  @Column('smallint', { unsigned: true, default: 8 })
  maxPerMonth!: number

  /** Set from the moment a restore is recognised until an operator releases it: nothing is sent (I14). */
  @Column('datetime', { precision: 3, nullable: true })
  heldAt!: Date | null

  /** Whether presses on links of newsletters are counted, of readers who said yes to that. */
  @Column('boolean', { default: false })
  countsClicks!: boolean

  @Column('varchar', { length: 500, nullable: true })
  heldReason!: string | null
}

import { Column, Entity, PrimaryColumn } from 'typeorm'

/** Says once a day, signed, what the consent events up to one id are. Each covers those since the one before. */
@Entity('ledger_checkpoint')
export class LedgerCheckpoint {
  @PrimaryColumn('int', { unsigned: true })
  number!: number

  /** Canonical JSON, as it was signed (consent/checkpoint). */
  @Column('varchar', { length: 1000 })
  body!: string

  @Column('binary', { length: 64 })
  signature!: Buffer

  /** One digest for about a thousand events each, so that a break can be found within them. */
  @Column('mediumblob')
  chunks!: Buffer
}

import { Column, Entity, PrimaryColumn } from 'typeorm'

/** When a retention rule last had nothing left to remove: what is done daily is due again a day later. */
@Entity('retention_run')
export class RetentionRun {
  @PrimaryColumn('varchar', { length: 40 })
  rule!: string

  @Column('datetime', { precision: 3 })
  endedAt!: Date

  /** Rows it removed in that run. */
  @Column('int', { unsigned: true })
  removed!: number
}

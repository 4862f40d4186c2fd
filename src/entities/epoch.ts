import { Column, Entity, PrimaryColumn } from 'typeorm'

/** One life of this database, from its first start or a released restore to the next. The one not ended is the present one. */
@Entity('epoch')
export class Epoch {
  @PrimaryColumn('uuid')
  id!: string

  /** Grows while workers run: a dump is older than what a state folder has seen since. */
  @Column('int', { unsigned: true })
  generation!: number

  @Column('datetime', { precision: 3 })
  startedAt!: Date

  /** When a restore was released. */
  @Column('datetime', { precision: 3, nullable: true })
  endedAt!: Date | null

  /** Why it was released. */
  @Column('varchar', { length: 500, nullable: true })
  reason!: string | null
}

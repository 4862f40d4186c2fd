import { Column, Entity, PrimaryColumn } from 'typeorm'

/** One row a singleton role (the sweep): who holds it until when, by the database clock. */
@Entity('lease')
export class Lease {
  @PrimaryColumn('varchar', { length: 40 })
  role!: string

  @Column('varchar', { length: 60 })
  holder!: string

  @Column('datetime', { precision: 3 })
  until!: Date
}

import { Column, Entity, PrimaryColumn } from 'typeorm'

/** How many messages one limit has let pass on one UTC day. Only buckets with a limit per day have rows. */
@Entity('send_day')
export class SendDay {
  @PrimaryColumn('date')
  day!: string

  /** `sender`, a domain, or the first domain of a group of them; never an address. */
  @PrimaryColumn('varchar', { length: 255 })
  bucket!: string

  @Column('int', { unsigned: true })
  used!: number
}

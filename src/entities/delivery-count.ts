import { Column, Entity, PrimaryColumn } from 'typeorm'
import { DeliveryStatus } from './delivery'

/** How many deliveries of a newsletter ended so, of those whose own rows have gone. The other ones are still rows. */
@Entity('delivery_count')
export class DeliveryCount {
  @PrimaryColumn('int', { unsigned: true })
  newsletterId!: number

  @PrimaryColumn('enum', { enum: DeliveryStatus })
  status!: DeliveryStatus

  /** Empty where it was not skipped. */
  @PrimaryColumn('varchar', { length: 40 })
  skipReason!: string

  @Column('int', { unsigned: true })
  deliveries!: number
}

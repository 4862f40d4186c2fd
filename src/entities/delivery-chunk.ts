import { Column, Entity, PrimaryColumn } from 'typeorm'

/** Readers of a topic whose deliveries of a newsletter are still to be made; gone in the commit that makes them. */
@Entity('delivery_chunk')
export class DeliveryChunk {
  @PrimaryColumn('int', { unsigned: true })
  newsletterId!: number

  /** Reader ids above this one, */
  @PrimaryColumn('int', { unsigned: true })
  afterReaderId!: number

  /** up to and including this one. */
  @Column('int', { unsigned: true })
  toReaderId!: number
}

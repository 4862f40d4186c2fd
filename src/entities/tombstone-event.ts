import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/** What is left of a deleted consent event: its place and its hash, so that checkpoints can still be recomputed. */
@Entity('tombstone_event')
@Index('IX_tombstone_event_tombstone', ['tombstoneId'])
export class TombstoneEvent {
  /** The id the event had. */
  @PrimaryColumn('bigint', { unsigned: true })
  eventId!: string

  @Column('int', { unsigned: true })
  tombstoneId!: number

  @Column('uuid')
  principal!: string

  @Column('int', { unsigned: true })
  position!: number

  @Column('binary', { length: 32 })
  hash!: Buffer
}

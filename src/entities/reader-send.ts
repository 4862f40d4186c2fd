import { Column, Entity, PrimaryColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

const counted = {
  what: 'when newsletters went out to the person',
  why: 'to keep the promised frequency',
  kept: 'SEND_COUNT',
} as const

/** One newsletter that passed the gate for one reader: what frequency caps are counted from. Given back when it did not go. */
@AboutReader({ column: 'readerId', by: 'id' })
@Entity('reader_send')
export class ReaderSend {
  /** First in the key: the gate reads one reader's few rows. */
  @PrimaryColumn('int', { unsigned: true })
  readerId!: number

  @Personal(counted)
  @PrimaryColumn('int', { unsigned: true })
  newsletterId!: number

  @Personal(counted)
  @Column('int', { unsigned: true })
  purposeId!: number

  @Personal(counted)
  @Column('datetime', { precision: 3 })
  at!: Date
}

import { Column, Entity, PrimaryColumn } from 'typeorm'

/** One newsletter that passed the gate for one reader: what frequency caps are counted from. Given back when it did not go. */
@Entity('reader_send')
export class ReaderSend {
  /** First in the key: the gate reads one reader's few rows. */
  @PrimaryColumn('int', { unsigned: true })
  readerId!: number

  @PrimaryColumn('int', { unsigned: true })
  newsletterId!: number

  @Column('int', { unsigned: true })
  purposeId!: number

  @Column('datetime', { precision: 3 })
  at!: Date
}

import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

/** The sealed copy that waits for its one download; gone afterwards, after 24 hours, or with the reader. */
@AboutReader({ column: 'readerId', by: 'id' })
@Entity('data_export')
@Index('IX_data_export_reader', ['readerId'])
@Index('IX_data_export_expires', ['expiresAt'])
export class DataExport {
  @PrimaryColumn('int', { unsigned: true })
  requestId!: number

  @Column('int', { unsigned: true })
  readerId!: number

  @Column('tinyint', { unsigned: true })
  keyId!: number

  /** When the download ends, and the copy with it. */
  @Column('datetime', { precision: 3 })
  expiresAt!: Date

  /** A ZIP file in base64. */
  @Personal({
    what: 'a copy of all of this, while it waits to be downloaded',
    why: 'to hand it over to the person',
    kept: 'EXPORT',
  })
  @Column('mediumblob')
  contentSealed!: Buffer
}

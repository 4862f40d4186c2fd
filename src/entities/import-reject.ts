import { Column, Entity, PrimaryColumn } from 'typeorm'

/** A row that was refused: its number and why, and nothing that stood in it. */
@Entity('import_reject')
export class ImportReject {
  @PrimaryColumn('int', { unsigned: true })
  importId!: number

  /** As a spreadsheet counts: the header is row 1. */
  @PrimaryColumn('int', { unsigned: true })
  row!: number

  /** A code of consent/import-refusal. */
  @Column('varchar', { length: 20 })
  reason!: string
}

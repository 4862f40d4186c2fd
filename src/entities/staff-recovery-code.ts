import { Entity, PrimaryColumn } from 'typeorm'

/** One unused recovery code of a staff member; using it removes the row. */
@Entity('staff_recovery_code')
export class StaffRecoveryCode {
  @PrimaryColumn('int', { unsigned: true })
  staffId!: number

  /** Keyed hash. */
  @PrimaryColumn('binary', { length: 32 })
  codeHash!: Buffer
}

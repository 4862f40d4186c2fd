import { Entity, PrimaryColumn } from 'typeorm'
import { Personal } from './personal'

const access = {
  what: 'role, password (as a hash) and second factor of staff',
  why: 'to let in those who may, and nobody else',
  kept: 'STAFF',
} as const

/** One unused recovery code of a staff member; using it removes the row. */
@Entity('staff_recovery_code')
export class StaffRecoveryCode {
  @PrimaryColumn('int', { unsigned: true })
  staffId!: number

  /** Keyed hash. */
  @Personal(access)
  @PrimaryColumn('binary', { length: 32 })
  codeHash!: Buffer
}

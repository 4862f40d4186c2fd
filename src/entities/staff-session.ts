import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { SessionTransport } from './session-transport'

/** One log-in of a staff member. The token itself is shown once and never stored. */
@Entity('staff_session')
@Index('IX_staff_session_expires', ['expiresAt'])
@Index('IX_staff_session_staff', ['staffId'])
export class StaffSession {
  /** SHA-256 of the 256-bit random token. */
  @PrimaryColumn('binary', { length: 32 })
  tokenHash!: Buffer

  @Column('uuid')
  publicId!: string

  @Column('int', { unsigned: true })
  staffId!: number

  @Column('enum', { enum: SessionTransport })
  transport!: SessionTransport

  @Column('datetime', { precision: 3 })
  createdAt!: Date

  /** To the minute. */
  @Column('datetime', { precision: 3 })
  lastUsedAt!: Date

  @Column('datetime', { precision: 3 })
  expiresAt!: Date

  /** When a password or code was last entered in this session. */
  @Column('datetime', { precision: 3 })
  provenAt!: Date
}

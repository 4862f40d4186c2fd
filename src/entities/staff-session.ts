import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { Personal } from './personal'
import { SessionTransport } from './session-transport'

const logIn = {
  what: 'log-ins of staff: when and how',
  why: 'to stay logged in, and to end a log-in',
  kept: 'SESSION',
} as const

/** One log-in of a staff member. The token itself is shown once and never stored. */
@Entity('staff_session')
@Index('IX_staff_session_expires', ['expiresAt'])
@Index('IX_staff_session_staff', ['staffId'])
export class StaffSession {
  /** SHA-256 of the 256-bit random token. */
  @PrimaryColumn('binary', { length: 32 })
  tokenHash!: Buffer

  @Personal(logIn)
  @Column('uuid')
  publicId!: string

  @Personal(logIn)
  @Column('int', { unsigned: true })
  staffId!: number

  @Personal(logIn)
  @Column('enum', { enum: SessionTransport })
  transport!: SessionTransport

  @Personal(logIn)
  @Column('datetime', { precision: 3 })
  createdAt!: Date

  /** To the minute. */
  @Personal(logIn)
  @Column('datetime', { precision: 3 })
  lastUsedAt!: Date

  @Personal(logIn)
  @Column('datetime', { precision: 3 })
  expiresAt!: Date

  /** When a password or code was last entered in this session. */
  @Personal(logIn)
  @Column('datetime', { precision: 3 })
  provenAt!: Date
}

import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { Personal } from './personal'

/** What a staff member may do; each role may do everything the one before it may. */
export const staffRoles = ['AUTHOR', 'PUBLISHER', 'ADMIN'] as const
export type StaffRole = (typeof staffRoles)[number]

const person = {
  what: 'name and e-mail address of staff',
  why: 'to know who works with the site, and to reach them',
  kept: 'STAFF',
} as const
const access = {
  what: 'role, password (as a hash) and second factor of staff',
  why: 'to let in those who may, and nobody else',
  kept: 'STAFF',
} as const
const presence = {
  what: 'when staff were added, confirmed, last seen and disabled',
  why: 'to find accounts nobody needs',
  kept: 'STAFF',
} as const

/** An author, publisher or admin. Address and name are sealed; the password is an argon2id hash. */
@Entity('staff_user')
@Index('UQ_staff_user_public', ['publicId'], { unique: true })
@Index('UQ_staff_user_address', ['addressHash'], { unique: true })
export class StaffUser {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Personal(person)
  @Column('uuid')
  publicId!: string

  @Personal(person)
  @Column('binary', { length: 32 })
  addressHash!: Buffer

  @Personal(person)
  @Column('varbinary', { length: 320 })
  emailSealed!: Buffer

  @Personal(person)
  @Column('varbinary', { length: 500 })
  nameSealed!: Buffer

  @Column('tinyint', { unsigned: true })
  keyId!: number

  @Personal(access)
  @Column('enum', { enum: staffRoles })
  role!: StaffRole

  /** Null until an invitation is accepted. */
  @Personal(access)
  @Column('varchar', { length: 200, nullable: true, select: false })
  passwordHash!: string | null

  /** Links to set a password that were mailed earlier are void. */
  @Personal(access)
  @Column('datetime', { precision: 3, nullable: true })
  passwordChangedAt!: Date | null

  /** The secret of the second factor. */
  @Personal(access)
  @Column('varbinary', { length: 100, nullable: true })
  totpSealed!: Buffer | null

  @Column('tinyint', { unsigned: true, nullable: true })
  totpKeyId!: number | null

  /** The 30-second step of the last code that was used: none is good twice. */
  @Personal(access)
  @Column('int', { unsigned: true, nullable: true })
  totpStep!: number | null

  /** The second factor is asked for from here on. */
  @Personal(access)
  @Column('datetime', { precision: 3, nullable: true })
  totpConfirmedAt!: Date | null

  /** Test sends go only to confirmed addresses (DESIGN I13). */
  @Personal(presence)
  @Column('datetime', { precision: 3, nullable: true })
  confirmedAt!: Date | null

  @Personal(presence)
  @Column('datetime', { precision: 3, nullable: true })
  disabledAt!: Date | null

  @Personal(presence)
  @Column('datetime', { precision: 3, nullable: true })
  lastSeenAt!: Date | null

  @Personal(presence)
  @Column('datetime', { precision: 3 })
  createdAt!: Date
}

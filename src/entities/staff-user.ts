import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

/** What a staff member may do; each role may do everything the one before it may. */
export const staffRoles = ['AUTHOR', 'PUBLISHER', 'ADMIN'] as const
export type StaffRole = (typeof staffRoles)[number]

/** An author, publisher or admin. Address and name are sealed; the password is an argon2id hash. */
@Entity('staff_user')
@Index('UQ_staff_user_public', ['publicId'], { unique: true })
@Index('UQ_staff_user_address', ['addressHash'], { unique: true })
export class StaffUser {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  @Column('binary', { length: 32 })
  addressHash!: Buffer

  @Column('varbinary', { length: 320 })
  emailSealed!: Buffer

  @Column('varbinary', { length: 500 })
  nameSealed!: Buffer

  @Column('tinyint', { unsigned: true })
  keyId!: number

  @Column('enum', { enum: staffRoles })
  role!: StaffRole

  /** Null until an invitation is accepted. */
  @Column('varchar', { length: 200, nullable: true, select: false })
  passwordHash!: string | null

  /** Links to set a password that were mailed earlier are void. */
  @Column('datetime', { precision: 3, nullable: true })
  passwordChangedAt!: Date | null

  /** The secret of the second factor. */
  @Column('varbinary', { length: 100, nullable: true })
  totpSealed!: Buffer | null

  @Column('tinyint', { unsigned: true, nullable: true })
  totpKeyId!: number | null

  /** The 30-second step of the last code that was used: none is good twice. */
  @Column('int', { unsigned: true, nullable: true })
  totpStep!: number | null

  /** The second factor is asked for from here on. */
  @Column('datetime', { precision: 3, nullable: true })
  totpConfirmedAt!: Date | null

  /** Test sends go only to confirmed addresses (DESIGN I13). */
  @Column('datetime', { precision: 3, nullable: true })
  confirmedAt!: Date | null

  @Column('datetime', { precision: 3, nullable: true })
  disabledAt!: Date | null

  @Column('datetime', { precision: 3, nullable: true })
  lastSeenAt!: Date | null

  @Column('datetime', { precision: 3 })
  createdAt!: Date
}

import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

const wish = {
  what: 'that mail is to go to another e-mail address, which one, and which it was before',
  why: 'to ask the new address for its yes, and to tell the old one',
  kept: 'ADDRESS_CHANGE',
} as const

/**
 * A reader's wish to get mail at another address. It becomes true by the button behind the link that is mailed there; until
 * then nothing changes. The row goes with its time.
 */
@AboutReader({ column: 'readerId', by: 'id' })
@Entity('email_change')
@Index('UQ_email_change_reference', ['reference'], { unique: true })
@Index('IX_email_change_notice', ['noticeId'])
@Index('IX_email_change_reader', ['readerId'])
@Index('IX_email_change_expires', ['expiresAt'])
export class EmailChange {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('int', { unsigned: true })
  readerId!: number

  /** The mail to the new address; once it is confirmed, the one that tells the old address. */
  @Column('int', { unsigned: true })
  noticeId!: number

  /** Random; stands in the link. */
  @Column('binary', { length: 16 })
  reference!: Buffer

  @Column('tinyint', { unsigned: true })
  keyId!: number

  @Personal(wish)
  @Column('binary', { length: 32 })
  newHash!: Buffer

  @Personal(wish)
  @Column('varbinary', { length: 320, nullable: true })
  newSealed!: Buffer | null

  /** Whose mail was proved when it was asked for: void once the reader has another address. */
  @Personal(wish)
  @Column('binary', { length: 32 })
  oldHash!: Buffer

  /** Kept from the change until the old address has been told. */
  @Personal(wish)
  @Column('varbinary', { length: 320, nullable: true })
  oldSealed!: Buffer | null

  @Personal(wish)
  @Column('datetime', { precision: 3 })
  createdAt!: Date

  @Personal(wish)
  @Column('datetime', { precision: 3 })
  expiresAt!: Date

  @Personal(wish)
  @Column('datetime', { precision: 3, nullable: true })
  confirmedAt!: Date | null
}

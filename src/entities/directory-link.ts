import { registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { Personal } from './personal'

export enum LinkStatus {
  /** Written down by staff; nobody else sees it. */
  PROPOSED = 'PROPOSED',
  /** Reviewed, and in the public directory. */
  LISTED = 'LISTED',
  /** Taken out to be looked at: by an admin, or because its site does not answer any more. */
  FLAGGED = 'FLAGGED',
  DELISTED = 'DELISTED',
}
registerEnumType(LinkStatus, { name: 'LinkStatus' })

export enum LinkCheckResult {
  OK = 'OK',
  /** It answered, with a status of an error. */
  REFUSED = 'REFUSED',
  /** No answer, or none in time. */
  UNREACHABLE = 'UNREACHABLE',
  /** It leads where the checker does not go: another port, another scheme, an address that is not public. */
  FORBIDDEN = 'FORBIDDEN',
}
registerEnumType(LinkCheckResult, { name: 'LinkCheckResult' })

const decided = {
  what: 'which links to other sites somebody of staff proposed and reviewed, and when',
  why: 'so that two people look at what the site links to',
  kept: 'STAFF',
} as const

/** A link to a site of somebody else, as the public directory has it or may have it. */
@Entity('directory_link')
@Index('UQ_directory_link_public', ['publicId'], { unique: true })
@Index('UQ_directory_link_url', ['urlHash'], { unique: true })
@Index('IX_directory_link_status', ['status', 'category'])
export class DirectoryLink {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  /** As a browser reads it: the host in ASCII, no user name, the usual port. */
  @Column('varchar', { length: 500 })
  url!: string

  /** SHA-256 of it: each link is there once. */
  @Column('binary', { length: 32 })
  urlHash!: Buffer

  @Column('varchar', { length: 100 })
  title!: string

  @Column('varchar', { length: 500 })
  description!: string

  @Column('varchar', { length: 50 })
  category!: string

  /** Where it belongs to a third party of the registry. */
  @Column('int', { unsigned: true, nullable: true })
  processorId!: number | null

  @Column('enum', { enum: LinkStatus })
  status!: LinkStatus

  @Personal(decided)
  @Column('int', { unsigned: true })
  proposedById!: number

  @Personal(decided)
  @Column('datetime', { precision: 3 })
  proposedAt!: Date

  @Personal(decided)
  @Column('int', { unsigned: true, nullable: true })
  reviewedById!: number | null

  @Personal(decided)
  @Column('datetime', { precision: 3, nullable: true })
  reviewedAt!: Date | null

  @Column('datetime', { precision: 3, nullable: true })
  checkedAt!: Date | null

  @Column('enum', { enum: LinkCheckResult, nullable: true })
  checkResult!: LinkCheckResult | null

  /** Checks in a row that it did not pass. */
  @Column('tinyint', { unsigned: true })
  failures!: number
}

import { GraphQLLocale, GraphQLTimeZone } from 'graphql-scalars'
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

export enum ReaderStatus {
  PENDING = 'PENDING',
  ACTIVE = 'ACTIVE',
  PAUSED = 'PAUSED',
  SUPPRESSED = 'SUPPRESSED',
  ERASED = 'ERASED',
}
registerEnumType(ReaderStatus, { name: 'ReaderStatus' })

const address = {
  what: 'e-mail address',
  why: 'to send what was asked for and to recognise the person',
  kept: 'WHILE_READER',
} as const
const provider = {
  what: 'the part of the e-mail address after the @',
  why: 'to send no faster than that mail provider wants',
  kept: 'WHILE_READER',
} as const
const callName = {
  what: 'name, if given',
  why: 'to address the person by it, where personalisation was agreed to',
  kept: 'WHILE_READER',
} as const
const language = {
  what: 'language and time zone',
  why: 'to write in that language, at a reasonable hour',
  kept: 'WHILE_READER',
} as const
const halted = {
  what: 'whether mail is paused, restricted or impossible',
  why: 'to send nothing while that holds',
  kept: 'WHILE_READER',
} as const
const member = {
  what: 'when the person signed up and confirmed',
  why: 'to show that they asked for mail',
  kept: 'WHILE_READER',
} as const
const pseudonym = {
  what: 'random numbers that stand for the person',
  why: 'to keep data together without the address',
  kept: 'CONSENT_PROOF',
} as const

/** A person who confirmed an address. Address and name are sealed; the domain stays in clear for throttling. */
@ObjectType('Reader')
@AboutReader({ column: 'id', by: 'id' })
@Entity('reader')
@Index('UQ_reader_public', ['publicId'], { unique: true })
@Index('UQ_reader_reference', ['reference'], { unique: true })
@Index('UQ_reader_address', ['addressHash'], { unique: true })
export class Reader {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  /** Also the principal of the consent events: random, never the address. */
  @Field(() => ID, { name: 'id' })
  @Personal(pseudonym)
  @Column('uuid')
  publicId!: string

  /** Half of the random reference in tokens of mails (the other half is the newsletter's). */
  @Personal(pseudonym)
  @Column('binary', { length: 10 })
  reference!: Buffer

  @Personal(address)
  @Column('binary', { length: 32, nullable: true })
  addressHash!: Buffer | null

  @Personal(address)
  @Column('varbinary', { length: 320, nullable: true })
  emailSealed!: Buffer | null

  @Personal(callName)
  @Column('varbinary', { length: 500, nullable: true })
  nameSealed!: Buffer | null

  @Column('tinyint', { unsigned: true })
  keyId!: number

  @Personal(provider)
  @Column('varchar', { length: 255 })
  domain!: string

  @Field(() => GraphQLLocale)
  @Personal(language)
  @Column('varchar', { length: 20 })
  locale!: string

  @Field(() => GraphQLTimeZone, { nullable: true })
  @Personal(language)
  @Column('varchar', { length: 60, nullable: true })
  timeZone!: string | null

  /** Grows with every change of what this reader may get; a message composed from an older one is not sent (I3). */
  @Column('int', { unsigned: true, default: 1 })
  version!: number

  /** Counts passed gates. The gate writes this row, since on Galera a lock alone is not seen by other nodes (I3). */
  @Column('int', { unsigned: true, default: 0 })
  gates!: number

  @Field(() => Date, { nullable: true })
  @Personal(halted)
  @Column('datetime', { precision: 3, nullable: true })
  pausedUntil!: Date | null

  @Personal(halted)
  @Column('datetime', { precision: 3, nullable: true })
  restrictedAt!: Date | null

  /** Set when the address turned out not to be one mail can be sent to. */
  @Personal(halted)
  @Column('datetime', { precision: 3, nullable: true })
  invalidAt!: Date | null

  @Personal(halted)
  @Column('datetime', { precision: 3, nullable: true })
  erasedAt!: Date | null

  @Field(() => Date)
  @Personal(member)
  @Column('datetime', { precision: 3 })
  confirmedAt!: Date

  @Field(() => Date)
  @Personal(member)
  @Column('datetime', { precision: 3 })
  createdAt!: Date
}

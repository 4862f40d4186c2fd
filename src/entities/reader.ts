import { GraphQLLocale } from 'graphql-scalars'
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

export enum ReaderStatus {
  PENDING = 'PENDING',
  ACTIVE = 'ACTIVE',
  PAUSED = 'PAUSED',
  SUPPRESSED = 'SUPPRESSED',
  ERASED = 'ERASED',
}
registerEnumType(ReaderStatus, { name: 'ReaderStatus' })

/** A person who confirmed an address. Address and name are sealed; the domain stays in clear for throttling. */
@ObjectType('Reader')
@Entity('reader')
@Index('UQ_reader_public', ['publicId'], { unique: true })
@Index('UQ_reader_reference', ['reference'], { unique: true })
@Index('UQ_reader_address', ['addressHash'], { unique: true })
export class Reader {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  /** Also the principal of the consent events: random, never the address. */
  @Field(() => ID, { name: 'id' })
  @Column('uuid')
  publicId!: string

  /** Half of the random reference in tokens of mails (the other half is the newsletter's). */
  @Column('binary', { length: 10 })
  reference!: Buffer

  @Column('binary', { length: 32, nullable: true })
  addressHash!: Buffer | null

  @Column('varbinary', { length: 320, nullable: true })
  emailSealed!: Buffer | null

  @Column('varbinary', { length: 500, nullable: true })
  nameSealed!: Buffer | null

  @Column('tinyint', { unsigned: true })
  keyId!: number

  @Column('varchar', { length: 255 })
  domain!: string

  @Field(() => GraphQLLocale)
  @Column('varchar', { length: 20 })
  locale!: string

  @Column('varchar', { length: 60, nullable: true })
  timeZone!: string | null

  /** Grows with every change of what this reader may get; a message composed from an older one is not sent (I3). */
  @Column('int', { unsigned: true, default: 1 })
  version!: number

  /** Counts passed gates. The gate writes this row, since on Galera a lock alone is not seen by other nodes (I3). */
  @Column('int', { unsigned: true, default: 0 })
  gates!: number

  @Field(() => Date, { nullable: true })
  @Column('datetime', { precision: 3, nullable: true })
  pausedUntil!: Date | null

  @Column('datetime', { precision: 3, nullable: true })
  restrictedAt!: Date | null

  /** Set when the address turned out not to be one mail can be sent to. */
  @Column('datetime', { precision: 3, nullable: true })
  invalidAt!: Date | null

  @Column('datetime', { precision: 3, nullable: true })
  erasedAt!: Date | null

  @Column('datetime', { precision: 3 })
  confirmedAt!: Date

  @Column('datetime', { precision: 3 })
  createdAt!: Date
}

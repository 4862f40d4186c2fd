import { GraphQLLocale } from 'graphql-scalars'
import { Field, ID, ObjectType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

/** The privacy policy in one locale at one version. Never changed once published. */
@ObjectType('PolicyVersion')
@Entity('policy_version')
@Index('UQ_policy_version_public', ['publicId'], { unique: true })
@Index('UQ_policy_version', ['number', 'locale'], { unique: true })
export class PolicyVersion {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Field(() => ID, { name: 'id' })
  @Column('uuid')
  publicId!: string

  /** Counts up by one with every published version, the same in every locale. */
  @Column('int', { unsigned: true })
  number!: number

  @Field(() => String, { description: 'The name clients send back with a decision.' })
  get version(): string {
    return String(this.number)
  }

  @Field(() => GraphQLLocale)
  @Column('varchar', { length: 20 })
  locale!: string

  @Field(() => String)
  @Column('varchar', { length: 200 })
  title!: string

  @Field(() => String)
  @Column('mediumtext')
  html!: string

  @Column('binary', { length: 32 })
  hash!: Buffer

  @Field(() => String, { description: 'SHA-256 of title and html, hex.' })
  get contentHash(): string {
    return this.hash.toString('hex')
  }

  @Field(() => String, { nullable: true })
  @Column('varchar', { length: 2000, nullable: true })
  changeSummary!: string | null

  @Field(() => Date, { nullable: true })
  @Column('datetime', { precision: 3, nullable: true })
  publishedAt!: Date | null

  @Field(() => Date)
  @Column('datetime', { precision: 3 })
  effectiveAt!: Date

  @Field(() => Boolean, { description: 'A material change: mail under older versions stops until renewed.' })
  @Column('boolean')
  requiresReconsent!: boolean
}

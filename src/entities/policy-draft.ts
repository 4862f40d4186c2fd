import { GraphQLLocale } from 'graphql-scalars'
import { Field, ID, ObjectType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

/** What the next policy version will say in one locale. Publishing it makes a PolicyVersion and removes it. */
@ObjectType()
@Entity('policy_draft')
@Index('UQ_policy_draft_public', ['publicId'], { unique: true })
@Index('UQ_policy_draft', ['number', 'locale'], { unique: true })
export class PolicyDraft {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  /** The published version keeps it. */
  @Field(() => ID, { name: 'id' })
  @Column('uuid')
  publicId!: string

  /** The number it will be published with. */
  @Column('int', { unsigned: true })
  number!: number

  @Field(() => String)
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
  markdown!: string

  @Field(() => String, { nullable: true })
  @Column('varchar', { length: 2000, nullable: true })
  changeSummary!: string | null

  @Field(() => Date)
  @Column('datetime', { precision: 3 })
  savedAt!: Date
}

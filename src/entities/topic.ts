import { Field, ID, Int, ObjectType } from 'type-graphql'
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm'
import { Purpose } from './purpose'

/** A stream of newsletters a reader can say yes to. Its name and description are its purpose's words. */
@ObjectType('Topic')
@Entity('topic')
@Index('UQ_topic_public', ['publicId'], { unique: true })
@Index('UQ_topic_slug', ['slug'], { unique: true })
@Index('UQ_topic_purpose', ['purposeId'], { unique: true })
export class Topic {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Field(() => ID, { name: 'id' })
  @Column('uuid')
  publicId!: string

  @Field(() => String)
  @Column('varchar', { length: 60 })
  slug!: string

  @Column('int', { unsigned: true })
  purposeId!: number

  @ManyToOne(() => Purpose)
  @JoinColumn({ name: 'purpose_id', foreignKeyConstraintName: 'FK_topic_purpose' })
  purpose?: Relation<Purpose>

  /** The promised frequency: at most this many issues … */
  @Field(() => Int)
  @Column('smallint', { unsigned: true })
  maxIssues!: number

  /** … in any this many days. */
  @Field(() => Int)
  @Column('smallint', { unsigned: true })
  perDays!: number

  @Column('datetime', { precision: 3 })
  createdAt!: Date

  /** When its readers were last asked whether they still want it, after a year of silence (standards O10). */
  @Column('datetime', { precision: 3, nullable: true })
  refreshAt!: Date | null
}

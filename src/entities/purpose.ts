import { registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

export enum PurposeKind {
  NEWSLETTER_TOPIC = 'NEWSLETTER_TOPIC',
  PERSONALISATION = 'PERSONALISATION',
  ANALYTICS_COOKIES = 'ANALYTICS_COOKIES',
  ADVERTISING_COOKIES = 'ADVERTISING_COOKIES',
  THIRD_PARTY_PROCESSING = 'THIRD_PARTY_PROCESSING',
  /** That a press on a link of a newsletter is counted. */
  CLICK_COUNTING = 'CLICK_COUNTING',
}
registerEnumType(PurposeKind, { name: 'PurposeKind' })

/** One thing consent can be given for. Its words are in its versions. */
@Entity('purpose')
@Index('UQ_purpose_public', ['publicId'], { unique: true })
@Index('UQ_purpose_key', ['key'], { unique: true })
export class Purpose {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  /** Stable name clients send back with a decision: `topic:SLUG`, `personalisation`. */
  @Column('varchar', { length: 80 })
  key!: string

  @Column('enum', { enum: PurposeKind })
  kind!: PurposeKind

  /** The version whose words are shown now; an older one is refused. */
  @Column('int', { unsigned: true })
  currentVersion!: number
}

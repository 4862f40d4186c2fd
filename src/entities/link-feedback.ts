import { registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { Personal } from './personal'

export enum FeedbackKind {
  HELPFUL = 'HELPFUL',
  NOT_HELPFUL = 'NOT_HELPFUL',
  BROKEN = 'BROKEN',
  MISLEADING = 'MISLEADING',
  PRIVACY_CONCERN = 'PRIVACY_CONCERN',
  UNSAFE = 'UNSAFE',
}
registerEnumType(FeedbackKind, { name: 'FeedbackKind' })

/** What somebody said about a link: which, what, on which day. There is no place for who. */
@Entity('link_feedback')
@Index('IX_link_feedback_link', ['linkId', 'day'])
@Index('IX_link_feedback_day', ['day'])
export class LinkFeedback {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  @Column('int', { unsigned: true })
  linkId!: number

  /** UTC; no time of day. */
  @Column('date')
  day!: string

  @Column('enum', { enum: FeedbackKind })
  kind!: FeedbackKind

  /** E-mail addresses in it are masked. */
  @Personal({
    what: 'what somebody wrote about a link to another site, without saying who it was',
    why: 'to look after the sites we link to',
    kept: 'FEEDBACK',
  })
  @Column('varchar', { length: 500, nullable: true })
  comment!: string | null
}

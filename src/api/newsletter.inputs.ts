import { Field, ID, InputType, Int } from 'type-graphql'
import { DateTime, Locale, TimeZone } from './scalars'

@InputType()
export class ContentInput {
  @Field(() => Locale)
  locale!: string

  @Field(() => String)
  subject!: string

  @Field(() => String, { nullable: true })
  preheader?: string | null

  @Field(() => String, { nullable: true })
  mjml?: string | null

  @Field(() => String, { nullable: true, description: 'Empty: generated from the HTML.' })
  text?: string | null
}

@InputType()
export class NewsletterInput {
  @Field(() => String, { nullable: true })
  title?: string | null

  @Field(() => ID, { nullable: true })
  topicId?: string | null

  @Field(() => [ContentInput], { nullable: true, description: 'The whole set of locales.' })
  contents?: ContentInput[] | null
}

@InputType()
export class ScheduleInput {
  @Field(() => Int)
  version!: number

  @Field(() => DateTime, { nullable: true, description: 'Null: now, after the undo window.' })
  sendAt?: Date | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'After this moment nothing more of it goes out: the rest is skipped (WINDOW_CLOSED).',
  })
  expiresAt?: Date | null

  @Field(() => TimeZone)
  timeZone!: string

  @Field(() => Int, { description: 'audience.estimate.willReceive as the editor saw it.' })
  confirmedRecipients!: number

  @Field(() => String, { description: 'checklist.contentHash as the editor saw it.' })
  checklistHash!: string

  @Field(() => String)
  idempotencyKey!: string
}

@InputType()
export class TestSendInput {
  @Field(() => [String], { description: 'Confirmed addresses of staff; at most 5.' })
  to!: string[]

  @Field(() => Locale, { nullable: true })
  locale?: string | null
}

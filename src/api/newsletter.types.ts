// The newsletter as staff see it.
import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql'
import { DeliveryStatus, SkipReason } from '../entities/delivery'
import { Newsletter, NewsletterStatus, PauseReason } from '../entities/newsletter'
import { connectionOf } from './connection'
import { Locale, TimeZone } from './scalars'
import { UserError } from './user-errors'

/** Fields that are columns; the rest are field resolvers. The root is the entity itself. */
@ObjectType('Newsletter')
export class NewsletterView {
  @Field(() => ID, { name: 'id' })
  publicId!: string

  @Field(() => Int)
  version!: number

  @Field(() => String)
  title!: string

  @Field(() => NewsletterStatus)
  status!: NewsletterStatus

  @Field(() => Date)
  updatedAt!: Date
}
export const NewsletterConnection = connectionOf(NewsletterView, 'Newsletter')

@ObjectType('NewsletterContent')
export class ContentView {
  @Field(() => Locale)
  locale!: string

  @Field(() => String)
  subject!: string

  @Field(() => String, { nullable: true })
  preheader!: string | null

  @Field(() => String)
  mjml!: string
}

@ObjectType()
export class SkipCount {
  @Field(() => SkipReason)
  reason!: SkipReason

  @Field(() => Int)
  count!: number
}

@ObjectType()
export class AudienceEstimate {
  @Field(() => Int, {
    description: 'Readers the newsletter owes an account: consent stands, or ended within 90 days.',
  })
  confirmedReaders!: number

  @Field(() => Int)
  willReceive!: number

  @Field(() => [SkipCount])
  skipped!: SkipCount[]

  @Field(() => Date)
  at!: Date
}

@ObjectType()
export class Schedule {
  @Field(() => Date)
  sendAt!: Date

  @Field(() => TimeZone)
  timeZone!: string

  @Field(() => String)
  localTime!: string

  @Field(() => Date, { nullable: true, description: 'From then on nothing more of it goes out.' })
  expiresAt!: Date | null

  @Field(() => Date, { nullable: true, description: 'Until when newsletterUnschedule takes it back.' })
  undoUntil!: Date | null
}

@ObjectType()
export class SendProgress {
  @Field(() => NewsletterStatus)
  status!: NewsletterStatus

  @Field(() => Int)
  total!: number

  @Field(() => Int)
  queued!: number

  @Field(() => Int)
  sending!: number

  @Field(() => Int)
  sent!: number

  @Field(() => Int)
  failed!: number

  @Field(() => Int)
  unknown!: number

  @Field(() => Int)
  cancelled!: number

  @Field(() => [SkipCount])
  skipped!: SkipCount[]

  @Field(() => Float, { nullable: true })
  ratePerMinute!: number | null

  @Field(() => Date, { nullable: true })
  etaAt!: Date | null

  @Field(() => Date, { nullable: true })
  startedAt!: Date | null

  @Field(() => Date)
  updatedAt!: Date

  @Field(() => PauseReason, {
    nullable: true,
    description:
      'SITE_STOPPED, REDIS_AWAY and PROVIDER_ERROR (no agreement with the mail server’s owner) leave the status as it is and end by themselves.',
  })
  pauseReason!: PauseReason | null

  @Field(() => String, { nullable: true })
  pauseDetail!: string | null

  newsletterId!: number
}

@ObjectType()
export class NewsletterReport {
  @Field(() => Int, { description: 'Everyone with a row; equals the sum of the figures below.' })
  audience!: number

  @Field(() => Int)
  sent!: number

  @Field(() => [SkipCount])
  skipped!: SkipCount[]

  @Field(() => Int)
  failed!: number

  @Field(() => Int)
  unknown!: number

  @Field(() => Int)
  cancelled!: number

  newsletterId!: number
}

@ObjectType('DeliveryDecision')
export class DecisionView {
  @Field(() => String, { nullable: true, description: 'Name of the staff member.' })
  by!: string | null

  @Field(() => DeliveryStatus)
  from!: DeliveryStatus

  @Field(() => DeliveryStatus)
  to!: DeliveryStatus

  @Field(() => String)
  reason!: string

  @Field(() => Date)
  at!: Date
}

@ObjectType('Delivery')
export class DeliveryView {
  @Field(() => ID)
  id!: string

  @Field(() => DeliveryStatus)
  status!: DeliveryStatus

  @Field(() => SkipReason, { nullable: true })
  skipReason!: SkipReason | null

  @Field(() => String, {
    nullable: true,
    description: 'The reply code of what did not go well (RFC 3463, else RFC 5321). Null once it is sent.',
  })
  smtpStatus!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'What the receiving server said, without addresses. Null once it is sent.',
  })
  diagnostic!: string | null

  @Field(() => Int)
  attempts!: number

  @Field(() => Date)
  at!: Date

  readerId!: number
}
export const DeliveryConnection = connectionOf(DeliveryView, 'Delivery')

@InputType()
export class DeliveryFilter {
  @Field(() => [DeliveryStatus], { nullable: true })
  status?: DeliveryStatus[] | null

  @Field(() => [SkipReason], { nullable: true })
  skipReason?: SkipReason[] | null
}

@ObjectType()
export class TestSend {
  @Field(() => String)
  to!: string

  @Field(() => Date)
  at!: Date

  @Field(() => String)
  contentHash!: string

  @Field(() => DeliveryStatus)
  status!: DeliveryStatus
}

@ObjectType()
export class NewsletterPayload {
  @Field(() => NewsletterView, { nullable: true })
  newsletter!: Newsletter | null

  @Field(() => [ID], { description: 'Deliveries that had passed their gate and may still arrive.' })
  alreadyPassed: string[] = []

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

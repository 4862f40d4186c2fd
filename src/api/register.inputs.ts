import { Field, InputType, Int, registerEnumType } from 'type-graphql'
import { ConsentSurface } from '../entities/consent-event'
import { Locale, TimeZone } from './scalars'

@InputType()
export class DecisionInput {
  @Field(() => String)
  purposeKey!: string

  @Field(() => Int)
  purposeVersion!: number

  @Field(() => Boolean)
  granted!: boolean
}

@InputType()
export class RegisterInput {
  @Field(() => String, { description: 'From ageCheck.' })
  agePass!: string

  @Field(() => String, { nullable: true })
  name?: string | null

  @Field(() => String)
  email!: string

  @Field(() => Locale)
  locale!: string

  @Field(() => TimeZone, { nullable: true })
  timeZone?: string | null

  @Field(() => String, { description: 'The version of the policy that was shown.' })
  policyVersion!: string

  @Field(() => [DecisionInput], { description: 'One per purpose that was asked; what was not asked is no.' })
  decisions!: DecisionInput[]

  @Field(() => ConsentSurface)
  surface!: ConsentSurface

  @Field(() => String, { description: 'Random, one per form: sending the form again does nothing again.' })
  idempotencyKey!: string

  @Field(() => String, {
    nullable: true,
    description:
      'After a ChallengeRequiredError: its challenge and the solution as altcha writes them, JSON or base64.',
  })
  challengeSolution?: string | null
}

@InputType()
export class EmailInput {
  @Field(() => String)
  email!: string
}

export enum UnsubscribeScope {
  TOPIC = 'TOPIC',
  ALL = 'ALL',
}
registerEnumType(UnsubscribeScope, { name: 'UnsubscribeScope' })

@InputType()
export class UnsubscribeInput {
  @Field(() => UnsubscribeScope)
  scope!: UnsubscribeScope

  @Field(() => String, { nullable: true, description: 'Left out: the topic of the mail the link came with.' })
  topicSlug?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'The token of the unsubscribe link in a mail; left out by who is logged in.',
  })
  token?: string | null
}

import { Field, InputType } from 'type-graphql'
import { Frequency } from '../entities/consent'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { DecisionInput } from './register.inputs'
import { Locale, TimeZone } from './scalars'

const TOKEN = {
  nullable: true,
  description: 'Of a link in the footer of a mail: it only ever reduces. Left out by who is logged in.',
}

@InputType()
export class TopicPreferenceInput {
  @Field(() => String)
  topicSlug!: string

  @Field(() => Frequency)
  frequency!: Frequency

  @Field(() => Date, {
    nullable: true,
    description: 'No mail of this topic until then, at most a year ahead; null ends that, left out keeps it.',
  })
  pausedUntil?: Date | null

  @Field(() => String, TOKEN)
  token?: string | null
}

@InputType()
export class PauseInput {
  @Field(() => Date, { description: 'At most a year ahead.' })
  until!: Date

  @Field(() => String, TOKEN)
  token?: string | null
}

@InputType()
export class ConsentInput {
  @Field(() => String, { description: 'The version of the policy that was shown.' })
  policyVersion!: string

  @Field(() => [DecisionInput], { description: 'Purposes that are not named stay as they are.' })
  decisions!: DecisionInput[]

  @Field(() => ConsentSurface, { description: 'WEB_FORM, MOBILE_APP or PREFERENCE_PAGE.' })
  surface!: ConsentSurface

  @Field(() => ConsentMethod, { description: 'ACCEPT_ALL, REJECT_ALL, SAVE_CHOICES or SINGLE_TOGGLE.' })
  method!: ConsentMethod

  @Field(() => String, { ...TOKEN, description: 'Of a link in the footer of a mail: for taking back only.' })
  token?: string | null
}

@InputType()
export class ProfileInput {
  @Field(() => String, { nullable: true, description: '100 characters; null removes it, left out keeps it.' })
  name?: string | null

  @Field(() => Locale, { nullable: true, description: 'One of the site’s.' })
  locale?: string | null

  @Field(() => TimeZone, { nullable: true, description: 'Null removes it, left out keeps it.' })
  timeZone?: string | null
}

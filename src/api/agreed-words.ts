import { Field, ObjectType } from 'type-graphql'
import type { Loaders } from './loaders'
import { Locale } from './scalars'

@ObjectType({ description: 'The words of a purpose as they were shown when somebody answered.' })
export class AgreedWords {
  @Field(() => Locale)
  locale!: string

  @Field(() => String)
  title!: string

  @Field(() => String)
  description!: string

  @Field(() => String, { nullable: true, description: 'How often, in words; topics only.' })
  cadence!: string | null
}

export const agreedWords = async (loaders: Loaders, purposeVersionId: number): Promise<AgreedWords | null> =>
  (await loaders.words.load(purposeVersionId)) ?? null

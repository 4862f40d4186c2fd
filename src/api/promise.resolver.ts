import { Ctx, Field, ID, ObjectType, Query, Resolver } from 'type-graphql'
import { inWords } from '../privacy/promises/all'
import { Access } from './access'
import type { ApiContext } from './context'
import { latestPromises } from './latest-promises'
import { PRICE } from './price'

@ObjectType('Promise', {
  description: 'One promise of the privacy policy, and what this site has to show for it.',
})
export class PromiseView {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  text!: string

  @Field(() => String)
  enforcedBy!: string

  @Field(() => String, { description: 'What was found, within the last minute.' })
  evidence!: string

  @Field(() => Boolean)
  holds!: boolean
}

@Resolver()
export class PromiseResolver {
  @Query(() => [PromiseView], { complexity: PRICE.count, description: 'P1 to P14.' })
  @Access('ANYONE')
  async promises(@Ctx() context: ApiContext): Promise<PromiseView[]> {
    const { promises } = await latestPromises(context)
    return inWords(context.locale, promises)
  }
}

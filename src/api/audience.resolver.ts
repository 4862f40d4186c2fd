import { Ctx, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql'
import { Topic } from '../entities/topic'
import { estimateAudience } from '../newsletters/estimate'
import type { ApiContext } from './context'
import { AudienceEstimate } from './newsletter.types'
import { PRICE } from './price'

/** An audience is always one topic: nobody without consent for it can be selected. */
@ObjectType('Audience')
export class AudienceView {
  topicId!: number
}

@Resolver(() => AudienceView)
export class AudienceResolver {
  @FieldResolver(() => Topic)
  async topic(@Root() { topicId }: AudienceView, @Ctx() { loaders }: ApiContext): Promise<Topic | undefined> {
    return loaders.topic.load(topicId)
  }

  @FieldResolver(() => AudienceEstimate, { complexity: PRICE.count })
  async estimate(
    @Root() { topicId }: AudienceView,
    @Ctx() { db, loaders }: ApiContext,
  ): Promise<AudienceEstimate> {
    const topic = await loaders.topic.load(topicId)
    return estimateAudience(db.manager, topic?.purposeId ?? 0)
  }
}

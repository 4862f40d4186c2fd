import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql'
import { Topic } from '../entities/topic'
import { refreshTopic } from '../newsletters/silence'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { TopicPayload } from './topic-save.resolver'
import { ErrorCode, InputError } from './user-errors'

@Resolver()
export class TopicRefreshResolver {
  @Mutation(() => TopicPayload, {
    description:
      'After a year of silence: asks all its readers by mail whether they still want it. Who does not answer in 30 days is out. Before that nothing can be scheduled.',
  })
  @Access('PUBLISHER')
  async topicRefresh(@Ctx() context: ApiContext, @Arg('id', () => ID) id: string): Promise<TopicPayload> {
    const topic = await byPublicId(context.db.manager, Topic, id)
    const refreshed = await audited(
      context,
      tx => refreshTopic(tx, topic.id),
      one => (one.kind === 'started' ? { action: 'topic.refresh', target: topic.publicId } : undefined),
    )
    if (refreshed.kind === 'started') return { topic: refreshed.topic, userErrors: [] }
    return { topic: null, userErrors: [new InputError(context.locale, ErrorCode.INVALID_STATE, ['id'])] }
  }
}

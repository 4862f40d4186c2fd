// A delivery as its reader and staff see it. "Why did I get this?" is answered by the yes that allowed it.
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { allowingYes } from '../consent/allowing-yes'
import { deliveryId } from '../deliveries/delivery-id'
import type { Delivery } from '../entities/delivery'
import type { Newsletter } from '../entities/newsletter'
import { Topic } from '../entities/topic'
import { ConsentEventView, eventView } from './consent-event.types'
import type { ApiContext } from './context'
import { DeliveryView } from './newsletter.types'
import { PRICE } from './price'
import { sentSubject } from './sent-subject'

export type DeliveryRoot = Delivery & { newsletter: Newsletter; passedAt?: Date }

@Resolver(() => DeliveryView)
export class DeliveryResolver {
  @FieldResolver(() => String)
  async id(@Root() { newsletter, readerId }: DeliveryRoot, @Ctx() { loaders }: ApiContext): Promise<string> {
    const reader = await loaders.reader.load(readerId)
    return deliveryId(newsletter.reference, reader?.reference ?? Buffer.alloc(0))
  }

  @FieldResolver(() => Topic)
  topic(@Root() { newsletter }: DeliveryRoot, @Ctx() { loaders }: ApiContext): Promise<Topic | undefined> {
    return loaders.topic.load(newsletter.topicId)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'In the reader’s language, without their name.',
  })
  async subject(
    @Root() { newsletterId, readerId }: DeliveryRoot,
    @Ctx() context: ApiContext,
  ): Promise<string | null> {
    const reader = await context.loaders.reader.load(readerId)
    return sentSubject(context, newsletterId, reader?.locale)
  }

  @FieldResolver(() => ConsentEventView, {
    nullable: true,
    description: 'The yes that allowed it: when, where, which words. Null for what did not go out.',
    complexity: PRICE.statement,
  })
  async allowedBy(
    @Root() delivery: DeliveryRoot,
    @Ctx() { loaders }: ApiContext,
  ): Promise<ConsentEventView | null> {
    const topic = await loaders.topic.load(delivery.newsletter.topicId)
    const reader = await loaders.reader.load(delivery.readerId)
    if (!topic || !reader) return null
    const yes = allowingYes(await loaders.yeses.load(reader.publicId), topic.purposeId, delivery)
    return yes ? eventView(yes) : null
  }
}

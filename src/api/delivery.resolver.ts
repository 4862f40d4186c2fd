// A delivery as its reader and staff see it. "Why did I get this?" is answered by the yes that allowed it.
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { deliveryId } from '../deliveries/delivery-id'
import { type Delivery, DeliveryStatus } from '../entities/delivery'
import type { Newsletter } from '../entities/newsletter'
import { Reader } from '../entities/reader'
import { Topic } from '../entities/topic'
import { fillHeader } from '../mail/tags'
import { ConsentEventView, eventView } from './consent-event.types'
import type { ApiContext } from './context'
import { DeliveryView } from './newsletter.types'
import { PRICE } from './price'

export type DeliveryRoot = Delivery & { newsletter: Newsletter; passedAt?: Date }

/** Something may have arrived. */
const OUT: readonly DeliveryStatus[] = [
  DeliveryStatus.SENDING,
  DeliveryStatus.SENT,
  DeliveryStatus.UNKNOWN,
  DeliveryStatus.FAILED,
]

@Resolver(() => DeliveryView)
export class DeliveryResolver {
  @FieldResolver(() => String)
  async id(@Root() { newsletter, readerId }: DeliveryRoot, @Ctx() { loaders }: ApiContext): Promise<string> {
    const reader = await loaders.reader.load(readerId)
    return deliveryId(newsletter.reference, reader?.reference ?? Buffer.alloc(0))
  }

  @FieldResolver(() => Reader, { nullable: true })
  async reader(@Root() { readerId }: DeliveryRoot, @Ctx() { loaders }: ApiContext): Promise<Reader | null> {
    return (await loaders.reader.load(readerId)) ?? null
  }

  @FieldResolver(() => Topic)
  topic(@Root() { newsletter }: DeliveryRoot, @Ctx() { loaders }: ApiContext): Promise<Topic | undefined> {
    return loaders.topic.load(newsletter.topicId)
  }

  @FieldResolver(() => String, { nullable: true, description: 'In the reader’s language, without their name.' })
  async subject(
    @Root() { newsletterId, readerId }: DeliveryRoot,
    @Ctx() { loaders, locales, site }: ApiContext,
  ): Promise<string | null> {
    const reader = await loaders.reader.load(readerId)
    const subjects = await loaders.subjects.load(newsletterId)
    const wanted = [reader?.locale, ...locales]
    const found = wanted.map(locale => subjects.find(one => one.locale === locale)).find(Boolean)
    return found ? fillHeader(found.subject, { site: site.name, unsubscribe_url: '', preferences_url: '' }) : null
  }

  @FieldResolver(() => ConsentEventView, {
    nullable: true,
    description: 'The yes that allowed it: when, where, which words. Null for what did not go out.',
    complexity: PRICE.statement,
  })
  async allowedBy(
    @Root() { newsletter, readerId, status, at, passedAt }: DeliveryRoot,
    @Ctx() { loaders }: ApiContext,
  ): Promise<ConsentEventView | null> {
    const topic = await loaders.topic.load(newsletter.topicId)
    const reader = await loaders.reader.load(readerId)
    if (!OUT.includes(status) || !topic || !reader) return null
    const yeses = await loaders.yeses.load(reader.publicId)
    const yes = yeses.findLast(one => one.purposeId === topic.purposeId && one.at <= (passedAt ?? at))
    return yes ? eventView(yes) : null
  }
}

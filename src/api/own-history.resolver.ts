// What happened between the site and a reader: each yes and no with its words, and each mail.
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql'
import { LessThan } from 'typeorm'
import { deliveriesOf, type ReadersDelivery } from '../deliveries/deliveries-of'
import { ConsentEvent } from '../entities/consent-event'
import type { Newsletter } from '../entities/newsletter'
import { Reader } from '../entities/reader'
import { type Connection, connectionFrom, pageOf } from './connection'
import { ConsentEventConnection, type ConsentEventView, eventView } from './consent-event.types'
import type { ApiContext } from './context'
import { DeliveryConnection } from './newsletter.types'
import { PRICE } from './price'

@Resolver(() => Reader)
export class OwnHistoryResolver {
  @FieldResolver(() => ConsentEventConnection, {
    description: 'For the reader who is logged in and for admins, else empty. The newest first.',
    complexity: PRICE.statement,
  })
  async consentEvents(
    @Root() reader: Reader,
    @Ctx() context: ApiContext,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
  ): Promise<Connection<ConsentEventView & { position: number }>> {
    const page = pageOf(first, after)
    const events = maySeeHistory(reader, context)
      ? await context.db.manager.find(ConsentEvent, {
          where: { principal: reader.publicId, ...(page.after && { position: LessThan(page.after) }) },
          order: { position: 'DESC' },
          take: page.limit + 1,
        })
      : []
    return connectionFrom(events.map(eventView), page, event => event.position)
  }

  @FieldResolver(() => DeliveryConnection, {
    description:
      'What was sent in the last 90 days, or was not and why; empty for all but the reader and admins.',
    complexity: PRICE.statement,
  })
  async deliveries(
    @Root() reader: Reader,
    @Ctx() context: ApiContext,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
  ): Promise<Connection<ReadersDelivery & { newsletter: Newsletter }>> {
    const page = pageOf(first, after)
    const rows = maySeeHistory(reader, context)
      ? await deliveriesOf(context.db.manager, reader.id, { limit: page.limit + 1, before: page.after })
      : []
    return connectionFrom(await withNewsletters(rows, context), page, row => row.newsletterId)
  }
}

/** The reader; and admins, who answer for it. */
const maySeeHistory = (reader: Reader, { reader: self, staff }: ApiContext): boolean =>
  reader.id === self?.id || staff?.role === 'ADMIN'

const withNewsletters = (rows: readonly ReadersDelivery[], { loaders }: ApiContext) =>
  Promise.all(
    rows.map(async row => {
      const newsletter = await loaders.newsletter.load(row.newsletterId)
      if (!newsletter) throw new Error('A delivery without its newsletter')
      return { ...row, newsletter }
    }),
  )

// Progress, report and the single deliveries: every figure is counted from the rows.
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql'
import { openStaff } from '../consent/staff'
import { countDeliveries } from '../deliveries/count'
import { Delivery, DeliveryStatus } from '../entities/delivery'
import { Newsletter, NewsletterStatus } from '../entities/newsletter'
import { Reader } from '../entities/reader'
import { Access } from './access'
import { type Connection, connectionFrom, pageOf } from './connection'
import type { ApiContext } from './context'
import type { DeliveryRoot } from './delivery.resolver'
import {
  DecisionView,
  DeliveryConnection,
  DeliveryFilter,
  DeliveryView,
  NewsletterReport,
  NewsletterView,
  SendProgress,
} from './newsletter.types'
import { PRICE } from './price'
import { hasProgress, progressOf } from './progress'

@Resolver(() => NewsletterView)
export class NewsletterFiguresResolver {
  @FieldResolver(() => SendProgress, {
    nullable: true,
    description: 'Null before it is due.',
    complexity: PRICE.count,
  })
  progress(@Root() newsletter: Newsletter, @Ctx() context: ApiContext): Promise<SendProgress> | null {
    return hasProgress(newsletter) ? progressOf(context, newsletter) : null
  }

  @FieldResolver(() => NewsletterReport, {
    nullable: true,
    description: 'Null until it is sent or cancelled.',
    complexity: PRICE.count,
  })
  async report(@Root() newsletter: Newsletter, @Ctx() { db }: ApiContext): Promise<NewsletterReport | null> {
    const isOver = [NewsletterStatus.SENT, NewsletterStatus.CANCELLED].includes(newsletter.status)
    if (!isOver || !newsletter.startedAt) return null
    const { total, byStatus, skipped } = await countDeliveries(db.manager, newsletter.id)
    return {
      audience: total,
      sent: byStatus[DeliveryStatus.SENT],
      failed: byStatus[DeliveryStatus.FAILED],
      unknown: byStatus[DeliveryStatus.UNKNOWN],
      cancelled: byStatus[DeliveryStatus.CANCELLED],
      skipped,
      newsletterId: newsletter.id,
    }
  }

  @FieldResolver(() => DeliveryConnection, {
    description: 'Each reader of the audience with what became of it.',
    complexity: PRICE.statement,
  })
  @Access('AUTHOR')
  async deliveries(
    @Root() newsletter: Newsletter,
    @Ctx() { db }: ApiContext,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
    @Arg('filter', () => DeliveryFilter, { nullable: true }) filter?: DeliveryFilter,
  ): Promise<Connection<DeliveryRoot>> {
    const page = pageOf(first, after)
    const query = db.manager
      .createQueryBuilder(Delivery, 'delivery')
      .where('delivery.newsletterId = :id AND delivery.readerId > :after', {
        id: newsletter.id,
        after: page.after ?? 0,
      })
      .orderBy('delivery.readerId')
    if (filter?.status?.length) query.andWhere('delivery.status IN (:...status)', { status: filter.status })
    if (filter?.skipReason?.length)
      query.andWhere('delivery.skipReason IN (:...reasons)', { reasons: filter.skipReason })
    const rows = await query.take(page.limit + 1).getMany()
    return connectionFrom(
      rows.map(row => ({ ...row, newsletter })),
      page,
      row => row.readerId,
    )
  }
}

/** What only staff see of a delivery. */
@Resolver(() => DeliveryView)
export class StaffDeliveryResolver {
  @FieldResolver(() => Reader, { nullable: true })
  async reader(@Root() { readerId }: DeliveryRoot, @Ctx() { loaders }: ApiContext): Promise<Reader | null> {
    return (await loaders.reader.load(readerId)) ?? null
  }

  @FieldResolver(() => NewsletterView)
  newsletter(@Root() { newsletter }: DeliveryRoot): Newsletter {
    return newsletter
  }

  @FieldResolver(() => [DecisionView], { description: 'What named persons decided about it, oldest first.' })
  async decisions(
    @Root() { newsletterId, readerId }: DeliveryRoot,
    @Ctx() { loaders, keyring }: ApiContext,
  ): Promise<DecisionView[]> {
    const decisions = await loaders.decisions.load({ newsletterId, readerId })
    return Promise.all(
      decisions.map(async ({ staffId, fromStatus, toStatus, reason, at }) => {
        const staff = await loaders.staff.load(staffId)
        const by = staff ? openStaff(keyring, staff).name : null
        return { by, from: fromStatus, to: toStatus, reason, at }
      }),
    )
  }
}

@Resolver(() => SendProgress)
export class ProgressNewsletterResolver {
  @FieldResolver(() => NewsletterView)
  async newsletter(
    @Root() progress: SendProgress,
    @Ctx() { loaders }: ApiContext,
  ): Promise<Newsletter | undefined> {
    return loaders.newsletter.load(progress.newsletterId)
  }
}

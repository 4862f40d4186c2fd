// How often the links of a newsletter were pressed, as far as it may be told.
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { clicksOf } from '../privacy/clicks'
import { publishedBase } from '../privacy/publish-counts'
import type { ApiContext } from './context'
import { AggregateCount, LinkClicks, NewsletterReport } from './newsletter.types'
import { PRICE } from './price'

@Resolver(() => NewsletterReport)
export class ClicksResolver {
  @FieldResolver(() => AggregateCount, {
    description: 'All links together; only readers with a yes to their counting are in it.',
    complexity: PRICE.statement,
  })
  async clicks(@Root() report: NewsletterReport, @Ctx() { db }: ApiContext): Promise<AggregateCount> {
    return aggregate((await clicksOf(db.manager, report.newsletterId)).total, report.sent)
  }

  @FieldResolver(() => [LinkClicks], {
    description: 'Every link that could be counted; none where counting was off when the newsletter started.',
    complexity: PRICE.statement,
  })
  async links(@Root() report: NewsletterReport, @Ctx() { db }: ApiContext): Promise<LinkClicks[]> {
    const { links } = await clicksOf(db.manager, report.newsletterId)
    return links.map(({ url, count }) => ({ url, clicks: aggregate(count, report.sent) }))
  }
}

const aggregate = (count: number | null, sent: number): AggregateCount => ({
  count,
  outOf: publishedBase(sent),
  suppressed: count === null,
})

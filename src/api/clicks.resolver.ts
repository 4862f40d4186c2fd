// How often the links of a newsletter were pressed, as far as it may be told.
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { publishedBase } from '../privacy/publish-counts'
import { AggregateCount, LinkClicks } from './clicks.types'
import type { ApiContext } from './context'
import { NewsletterReport } from './newsletter.types'

@Resolver(() => NewsletterReport)
export class ClicksResolver {
  @FieldResolver(() => AggregateCount, {
    description: 'All links together; only readers with a yes to their counting are in it.',
  })
  async clicks(@Root() report: NewsletterReport, @Ctx() { loaders }: ApiContext): Promise<AggregateCount> {
    return aggregate((await loaders.clicks.load(report.newsletterId)).total, report.sent)
  }

  @FieldResolver(() => [LinkClicks], {
    description: 'Every link that could be counted; none where counting was off when the newsletter started.',
  })
  async links(@Root() report: NewsletterReport, @Ctx() { loaders }: ApiContext): Promise<LinkClicks[]> {
    const { links } = await loaders.clicks.load(report.newsletterId)
    return links.map(({ url, count }) => ({ url, clicks: aggregate(count, report.sent) }))
  }
}

const aggregate = (count: number | null, sent: number): AggregateCount => ({
  count,
  outOf: publishedBase(sent),
  suppressed: count === null,
})

import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql'
import type { ShownPurpose } from '../consent/purposes'
import type { PurposeVersion } from '../entities/purpose-version'
import { Topic } from '../entities/topic'
import { Access } from './access'
import { type Connection, connectionFrom, connectionOf, pageOf } from './connection'
import type { ApiContext } from './context'
import { ShownPurposeType, shownPurpose } from './purpose.types'
import { Locale } from './scalars'

export const TopicConnection = connectionOf(Topic, 'Topic')

/** A topic shown in the language that was asked for. */
type ShownTopic = Topic & { shownIn?: string }

@Resolver(() => Topic)
export class TopicResolver {
  @Query(() => TopicConnection)
  @Access('ANYONE')
  async topics(
    @Ctx() { db, locale }: ApiContext,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
    @Arg('locale', () => Locale, { nullable: true }) wanted?: string,
  ): Promise<Connection<Topic>> {
    const page = pageOf(first, after)
    const rows = await db.manager
      .createQueryBuilder(Topic, 'topic')
      .where('topic.id > :after', { after: page.after ?? 0 })
      .orderBy('topic.id')
      .take(page.limit + 1)
      .getMany()
    for (const topic of rows as ShownTopic[]) topic.shownIn = wanted ?? locale
    return connectionFrom(rows, page, topic => topic.id)
  }

  @Query(() => Topic, { nullable: true })
  @Access('ANYONE')
  topic(@Ctx() { db }: ApiContext, @Arg('slug', () => String) slug: string): Promise<Topic | null> {
    return db.manager.findOneBy(Topic, { slug: slug.slice(0, 60) })
  }

  @FieldResolver(() => String)
  async name(@Root() topic: ShownTopic, @Ctx() context: ApiContext): Promise<string> {
    return (await words(topic, context)).title
  }

  @FieldResolver(() => String)
  async description(@Root() topic: ShownTopic, @Ctx() context: ApiContext): Promise<string> {
    return (await words(topic, context)).description
  }

  @FieldResolver(() => String, { description: 'How often, in words.' })
  async cadence(@Root() topic: ShownTopic, @Ctx() context: ApiContext): Promise<string> {
    return (await words(topic, context)).cadence ?? ''
  }

  @FieldResolver(() => ShownPurposeType)
  async purpose(@Root() topic: ShownTopic, @Ctx() context: ApiContext): Promise<ShownPurposeType> {
    return shownPurpose(await shownTopic(topic, context))
  }

  @FieldResolver(() => [Locale])
  async locales(@Root() topic: Topic, @Ctx() { loaders }: ApiContext): Promise<string[]> {
    return loaders.purposeLocales.load(topic.purposeId)
  }
}

const words = async (topic: ShownTopic, context: ApiContext): Promise<PurposeVersion> =>
  (await shownTopic(topic, context)).words

async function shownTopic(topic: ShownTopic, { loaders, locale }: ApiContext): Promise<ShownPurpose> {
  const shown = await loaders.purpose.load({ id: topic.purposeId, locale: topic.shownIn ?? locale })
  if (!shown) throw new Error(`Topic ${topic.slug} has no words`)
  return shown
}

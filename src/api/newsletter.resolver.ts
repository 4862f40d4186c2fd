import { Arg, Ctx, Field, FieldResolver, ID, InputType, Int, Query, Resolver, Root } from 'type-graphql'
import { Newsletter, NewsletterStatus } from '../entities/newsletter'
import type { NewsletterContent } from '../entities/newsletter-content'
import { Topic } from '../entities/topic'
import { checkNewsletter, renderAll } from '../newsletters/check'
import { estimateAudience } from '../newsletters/estimate'
import { renderContent, topicWords } from '../newsletters/preview'
import { contentsOf } from '../newsletters/write'
import { Access } from './access'
import { AudienceView } from './audience.resolver'
import { Checklist } from './checklist.types'
import { type Connection, connectionFrom, pageOf } from './connection'
import type { ApiContext } from './context'
import { RequestError } from './errors'
import { byPublicId } from './find'
import { localTime } from './local-time'
import {
  AudienceEstimate,
  ContentView,
  NewsletterConnection,
  NewsletterView,
  Schedule,
} from './newsletter.types'
import { allowedActions, NewsletterAction } from './newsletter-actions'
import { AudienceInput, MjmlRenderInput, previewOf, RenderedPreview } from './preview.types'
import { PRICE } from './price'
import { Locale } from './scalars'
import { StaffView, staffView } from './staff.resolver'

@InputType()
export class NewsletterFilter {
  @Field(() => [NewsletterStatus], { nullable: true })
  status?: NewsletterStatus[] | null

  @Field(() => ID, { nullable: true })
  topicId?: string | null
}

@Resolver(() => NewsletterView)
export class NewsletterResolver {
  @Query(() => NewsletterConnection, { description: 'Newest first.' })
  @Access('AUTHOR', 'newsletters:read')
  async newsletters(
    @Ctx() { db }: ApiContext,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
    @Arg('filter', () => NewsletterFilter, { nullable: true }) filter?: NewsletterFilter,
  ): Promise<Connection<Newsletter>> {
    const page = pageOf(first, after)
    const query = db.manager.createQueryBuilder(Newsletter, 'newsletter').orderBy('newsletter.id', 'DESC')
    if (page.after !== undefined) query.andWhere('newsletter.id < :after', page)
    if (filter?.status?.length) query.andWhere('newsletter.status IN (:...status)', { status: filter.status })
    if (filter?.topicId) {
      const topic = await byPublicId(db.manager, Topic, filter.topicId)
      query.andWhere('newsletter.topicId = :topicId', { topicId: topic.id })
    }
    return connectionFrom(await query.take(page.limit + 1).getMany(), page, newsletter => newsletter.id)
  }

  @Query(() => NewsletterView, { nullable: true })
  @Access('AUTHOR', 'newsletters:read')
  newsletter(@Ctx() { db }: ApiContext, @Arg('id', () => ID) id: string): Promise<Newsletter> {
    return byPublicId(db.manager, Newsletter, id)
  }

  @Query(() => RenderedPreview, {
    description: 'Unsaved text, rendered as it would be sent. No side effects.',
    complexity: PRICE.render,
  })
  @Access('AUTHOR')
  async mjmlRender(
    @Ctx() { config, locale }: ApiContext,
    @Arg('input', () => MjmlRenderInput) input: MjmlRenderInput,
  ): Promise<RenderedPreview> {
    const content = { ...input, locale: input.locale ?? locale, preheader: input.preheader ?? null, text: '' }
    return previewOf(await renderContent(config, '{{topic}}', content))
  }

  @Query(() => AudienceEstimate, {
    description: 'Who would get it now, and why the others would not.',
    complexity: PRICE.count,
  })
  @Access('AUTHOR')
  async audienceEstimate(
    @Ctx() { db }: ApiContext,
    @Arg('input', () => AudienceInput) input: AudienceInput,
  ): Promise<AudienceEstimate> {
    const topic = await byPublicId(db.manager, Topic, input.topicId)
    return estimateAudience(db.manager, topic.purposeId)
  }

  @FieldResolver(() => Topic)
  async topic(@Root() newsletter: Newsletter, @Ctx() { loaders }: ApiContext): Promise<Topic | undefined> {
    return loaders.topic.load(newsletter.topicId)
  }

  @FieldResolver(() => StaffView)
  async author(@Root() newsletter: Newsletter, @Ctx() context: ApiContext): Promise<StaffView | undefined> {
    const staff = await context.loaders.staff.load(newsletter.authorId)
    return staff && staffView(context, staff)
  }

  @FieldResolver(() => [NewsletterAction], { description: 'What the caller may do with it now.' })
  allowedActions(@Root() newsletter: Newsletter, @Ctx() { staff }: ApiContext): NewsletterAction[] {
    return allowedActions(newsletter.status, staff?.role)
  }

  @FieldResolver(() => [ContentView])
  async contents(@Root() newsletter: Newsletter, @Ctx() { loaders }: ApiContext): Promise<ContentRoot[]> {
    const contents = await loaders.contents.load(newsletter.id)
    return contents.map(content => ({ ...content, newsletter }))
  }

  @FieldResolver(() => AudienceView)
  audience(@Root() newsletter: Newsletter): AudienceView {
    return { topicId: newsletter.topicId }
  }

  @FieldResolver(() => Schedule, { nullable: true })
  schedule(@Root() newsletter: Newsletter, @Ctx() { locale }: ApiContext): Schedule | null {
    const { sendAt, expiresAt, timeZone, status } = newsletter
    if (!sendAt || !timeZone) return null
    const undoUntil = status === NewsletterStatus.SCHEDULED ? sendAt : null
    return { sendAt, expiresAt, timeZone, localTime: localTime(sendAt, timeZone, locale), undoUntil }
  }

  @FieldResolver(() => Checklist, { complexity: PRICE.render })
  checklist(@Root() newsletter: Newsletter, @Ctx() { db, config, locale }: ApiContext): Promise<Checklist> {
    return checkNewsletter(db.manager, newsletter, config, locale)
  }

  @FieldResolver(() => RenderedPreview, {
    description: 'One locale as it would be sent.',
    complexity: PRICE.render,
  })
  async preview(
    @Root() newsletter: Newsletter,
    @Ctx() { db, config }: ApiContext,
    @Arg('locale', () => Locale, { nullable: true }) wanted?: string,
  ): Promise<RenderedPreview> {
    const contents = await contentsOf(db.manager, newsletter.id)
    const content = contents.find(one => one.locale === wanted) ?? contents[0]
    if (!content) throw new RequestError('NOT_FOUND')
    const { words } = await topicWords(db.manager, newsletter.topicId, content.locale, config.locales)
    return previewOf(await renderContent(config, words.title, content))
  }
}

type ContentRoot = NewsletterContent & { newsletter: Newsletter }

@Resolver(() => ContentView)
export class ContentResolver {
  @FieldResolver(() => String, {
    description: 'The text part as it will be sent, generated from the HTML if left empty.',
    complexity: PRICE.render,
  })
  async text(@Root() content: ContentRoot, @Ctx() { db, config }: ApiContext): Promise<string> {
    if (content.text.trim() !== '') return content.text
    const [one] = await renderAll(db.manager, content.newsletter.topicId, [content], config)
    return one?.rendered.text ?? ''
  }

  @FieldResolver(() => Boolean)
  textIsGenerated(@Root() content: ContentRoot): boolean {
    return content.text.trim() === ''
  }
}

// The link directory for everybody, what anybody says about a link, and what staff see of that.
import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql'
import { In, MoreThan } from 'typeorm'
import { DirectoryLink, LinkCheckResult, LinkStatus } from '../entities/directory-link'
import { Access } from './access'
import { type Connection, connectionFrom, pageOf } from './connection'
import type { ApiContext } from './context'
import {
  DirectoryLinkConnection,
  DirectoryLinkPayload,
  DirectoryLinkView,
  FeedbackCount,
  LinkCommentView,
  LinkFeedbackInput,
} from './directory.types'
import { directoryLinkView, directoryLinkViews } from './directory-view'
import { saveFeedback } from './save-feedback'
import { staffName } from './staff-name'
import { InputError } from './user-errors'

@Resolver(() => DirectoryLinkView)
export class DirectoryResolver {
  @Query(() => DirectoryLinkConnection, {
    description: 'Links to sites of others. Staff also see those that are not listed.',
  })
  @Access('ANYONE')
  async directoryLinks(
    @Ctx() context: ApiContext,
    @Arg('category', () => String, { nullable: true }) category: string | null | undefined,
    @Arg('status', () => LinkStatus, { nullable: true }) status: LinkStatus | null | undefined,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<DirectoryLinkView>> {
    const page = pageOf(first, after)
    const seen = context.staff ? Object.values(LinkStatus) : [LinkStatus.LISTED]
    const rows = await context.db.manager.find(DirectoryLink, {
      where: {
        status: In(status ? seen.filter(one => one === status) : seen),
        ...(category && { category }),
        ...(page.after !== undefined && { id: MoreThan(page.after) }),
      },
      order: { id: 'ASC' },
      take: page.limit + 1,
    })
    return connectionFrom(await directoryLinkViews(context, rows), page, ({ row }) => row.id)
  }

  @FieldResolver(() => [FeedbackCount], { description: 'What was said about it. For staff, else empty.' })
  async feedback(@Root() { row }: DirectoryLinkView, @Ctx() { staff, loaders }: ApiContext) {
    return staff ? loaders.feedback.load(row.id) : []
  }
}

@Resolver()
export class LinkFeedbackResolver {
  @Mutation(() => DirectoryLinkPayload, {
    description: 'Says something about a link. Nothing is kept of who says it.',
  })
  @Access('ANYONE')
  async linkFeedbackSubmit(
    @Ctx() context: ApiContext,
    @Arg('input', () => LinkFeedbackInput) { linkId, kind, comment }: LinkFeedbackInput,
  ): Promise<DirectoryLinkPayload> {
    const outcome = await saveFeedback(context, context.client, linkId, kind, comment ?? '')
    if ('code' in outcome)
      return {
        link: null,
        userErrors: [new InputError(context.locale, outcome.code, ['input', outcome.field])],
      }
    return { link: await directoryLinkView(context, outcome.link), userErrors: [] }
  }
}

@Resolver(() => DirectoryLinkView)
export class StaffDirectoryResolver {
  @FieldResolver(() => [LinkCommentView], { description: 'The latest words about it, at most 50.' })
  async comments(
    @Root() { row }: DirectoryLinkView,
    @Ctx() { loaders }: ApiContext,
  ): Promise<LinkCommentView[]> {
    const comments = await loaders.comments.load(row.id)
    return comments.map(({ day, kind, comment }) => ({ day: new Date(day), kind, comment }))
  }

  @FieldResolver(() => LinkCheckResult, { nullable: true, description: 'What the last check found.' })
  checkResult(@Root() { row }: DirectoryLinkView): LinkCheckResult | null {
    return row.checkResult
  }

  @FieldResolver(() => String, { description: 'Who of staff proposed it.' })
  async proposedBy(@Root() { row }: DirectoryLinkView, @Ctx() context: ApiContext): Promise<string> {
    return (await staffName(context, row.proposedById)) ?? ''
  }

  @FieldResolver(() => String, { nullable: true, description: 'Who last put it in or took it out.' })
  reviewedBy(@Root() { row }: DirectoryLinkView, @Ctx() context: ApiContext): Promise<string | null> {
    return staffName(context, row.reviewedById)
  }

  @FieldResolver(() => Date, { nullable: true })
  reviewedAt(@Root() { row }: DirectoryLinkView): Date | null {
    return row.reviewedAt
  }
}

// Staff's part in the link directory: a proposal, and another one's review.
import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql'
import { DirectoryLink, LinkStatus } from '../entities/directory-link'
import { Processor } from '../entities/processor'
import { proposeLink, type Review, reviewLink } from '../privacy/directory'
import { directoryUrl } from '../privacy/directory-url'
import { isDuplicate } from '../transaction'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { DirectoryLinkInput, DirectoryLinkPayload } from './directory.types'
import { directoryLinkView } from './directory-view'
import { byPublicId } from './find'
import { errorsOf, type Problem, text } from './input-problems'
import { ErrorCode, InputError, type UserError } from './user-errors'

const MAX_NOTE = 300
/** A line for everybody to read: nothing that turns the direction of what follows, or is not seen. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}]/u

@Resolver()
export class DirectoryReviewResolver {
  @Mutation(() => DirectoryLinkPayload, { description: 'Nobody but staff sees it until it is reviewed.' })
  @Access('AUTHOR')
  async directoryLinkPropose(
    @Ctx() context: ApiContext,
    @Arg('input', () => DirectoryLinkInput) input: DirectoryLinkInput,
  ): Promise<DirectoryLinkPayload> {
    const { db, config, locale, staff } = context
    const url = directoryUrl(input.url.trim(), config.ownHosts)
    const errors = errorsOf(locale, proposalProblems(input, url))
    if (errors.length > 0 || !url) return refusal(...errors)
    const { processorId } = input
    const processor = processorId ? await byPublicId(db.manager, Processor, processorId) : undefined
    const proposal = {
      url,
      title: input.title.trim(),
      description: input.description.trim(),
      category: input.category.trim(),
      processorId: processor?.id ?? null,
      proposedById: staff?.id ?? 0,
    }
    try {
      const link = await audited(
        context,
        tx => proposeLink(tx, proposal),
        one => ({ action: 'link.propose', target: one.publicId, reason: one.title }),
      )
      return { link: await directoryLinkView(context, link), userErrors: [] }
    } catch (error) {
      if (!isDuplicate(error)) throw error
      return refusal(new InputError(locale, ErrorCode.INVALID_STATE, ['input', 'url']))
    }
  }

  @Mutation(() => DirectoryLinkPayload, {
    description:
      'LISTED is for another admin than who proposed it; whoever is the only one waits 24 hours. Out of the directory any admin takes it at once.',
  })
  @Access('ADMIN')
  async directoryLinkReview(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('status', () => LinkStatus) status: LinkStatus,
    @Arg('note', () => String, { nullable: true, description: 'Why; for the audit log.' }) note?:
      | string
      | null,
  ): Promise<DirectoryLinkPayload> {
    const { db, locale, staff } = context
    const { id: linkId, publicId } = await byPublicId(db.manager, DirectoryLink, id)
    if ((note ?? '').length > MAX_NOTE) return refusal(new InputError(locale, ErrorCode.TOO_LONG, ['note']))
    const review = await audited(
      context,
      tx => reviewLink(tx, linkId, staff?.id ?? 0, status),
      outcome => reviewEntry(publicId, status, note, outcome),
    )
    const link = await db.manager.findOneByOrFail(DirectoryLink, { id: linkId })
    const code = refusals[review.kind]
    const userErrors = code ? [new InputError(locale, code, ['status'])] : []
    return { link: await directoryLinkView(context, link), userErrors }
  }
}

const refusals = {
  reviewed: undefined,
  'approval-required': ErrorCode.APPROVAL_REQUIRED,
  'invalid-state': ErrorCode.INVALID_STATE,
} as const

function reviewEntry(target: string, status: LinkStatus, note: string | null | undefined, review: Review) {
  if (review.kind !== 'reviewed') return undefined
  const alone = review.isAlone ? 'no second person: a day later instead' : ''
  const reason = [status, alone, note?.trim()].filter(Boolean).join('; ')
  return { action: 'link.review' as const, target, reason }
}

const refusal = (...userErrors: UserError[]): DirectoryLinkPayload => ({ link: null, userErrors })

const proposalProblems = (
  { title, description, category, url: given }: DirectoryLinkInput,
  url: string | undefined,
): Problem[] => [
  ...text(title, 100, 'title'),
  [UNPRINTABLE.test(title), ErrorCode.INVALID, 'title'],
  ...text(description, 500, 'description'),
  [UNPRINTABLE.test(description), ErrorCode.INVALID, 'description'],
  ...text(category, 50, 'category'),
  [UNPRINTABLE.test(category), ErrorCode.INVALID, 'category'],
  ...text(given, 500, 'url'),
  [given.trim() !== '' && given.trim().length <= 500 && !url, ErrorCode.INVALID, 'url'],
]

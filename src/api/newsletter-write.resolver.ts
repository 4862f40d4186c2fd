import { Arg, Ctx, ID, Int, Mutation, Resolver } from 'type-graphql'
import { Newsletter } from '../entities/newsletter'
import { Topic } from '../entities/topic'
import { createNewsletter, updateNewsletter } from '../newsletters/write'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { NewsletterInput } from './newsletter.inputs'
import { NewsletterPayload } from './newsletter.types'
import { done, inputError, invalidState, refusedWith, staleVersion } from './newsletter-answers'
import { ErrorCode, type UserError } from './user-errors'

const MAX_TITLE = 200
const MAX_SUBJECT = 200
/** mediumtext holds more; mails above 100 kB are refused by the checklist anyway. */
const MAX_BODY = 1_000_000

@Resolver()
export class NewsletterWriteResolver {
  @Mutation(() => NewsletterPayload)
  @Access('AUTHOR')
  async newsletterCreate(
    @Ctx() context: ApiContext,
    @Arg('input', () => NewsletterInput) input: NewsletterInput,
  ): Promise<NewsletterPayload> {
    const { db, staff } = context
    if (!input.topicId) return refusedWith(null, inputError(context, ErrorCode.REQUIRED, 'input', 'topicId'))
    const errors = inputErrors(context, input)
    if (errors.length > 0) return refusedWith(null, ...errors)
    const topic = await byPublicId(db.manager, Topic, input.topicId)
    const draft = { ...input, topicId: topic.id }
    const created = await audited(
      context,
      tx => createNewsletter(tx, draft, staff?.id ?? 0),
      ({ publicId }) => ({ action: 'newsletter.create', target: publicId }),
    )
    return done(created)
  }

  @Mutation(() => NewsletterPayload, {
    description: 'Autosave: anything may be saved, over the version that was seen.',
  })
  @Access('AUTHOR')
  async newsletterUpdate(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('version', () => Int) version: number,
    @Arg('input', () => NewsletterInput) input: NewsletterInput,
  ): Promise<NewsletterPayload> {
    const { db, staff } = context
    const newsletter = await byPublicId(db.manager, Newsletter, id)
    const errors = inputErrors(context, input)
    if (errors.length > 0) return refusedWith(newsletter, ...errors)
    const topic = input.topicId ? await byPublicId(db.manager, Topic, input.topicId) : undefined
    const draft = { ...input, topicId: topic?.id }
    const updated = await audited(
      context,
      tx => updateNewsletter(tx, newsletter.id, version, draft, staff?.id ?? 0),
      ({ kind }) => (kind === 'updated' ? { action: 'newsletter.update', target: id } : undefined),
    )
    if (updated.kind === 'stale') return staleVersion(context, updated.newsletter)
    return updated.kind === 'updated' ? done(updated.newsletter) : invalidState(context, updated.newsletter)
  }
}

function inputErrors(context: ApiContext, input: NewsletterInput): UserError[] {
  const errors: UserError[] = []
  const wrong = (code: ErrorCode, ...field: string[]) =>
    errors.push(inputError(context, code, 'input', ...field))
  if ((input.title ?? '').length > MAX_TITLE) wrong(ErrorCode.TOO_LONG, 'title')
  const contents = input.contents ?? []
  for (const [index, content] of contents.entries()) {
    const isRepeated = contents.findIndex(one => one.locale === content.locale) !== index
    if (isRepeated || !context.locales.includes(content.locale))
      wrong(ErrorCode.INVALID, 'contents', String(index), 'locale')
    const limits = { subject: MAX_SUBJECT, preheader: MAX_SUBJECT, mjml: MAX_BODY, text: MAX_BODY } as const
    for (const [field, limit] of Object.entries(limits))
      if ((content[field as keyof typeof limits] ?? '').length > limit)
        wrong(ErrorCode.TOO_LONG, 'contents', String(index), field)
  }
  return errors
}

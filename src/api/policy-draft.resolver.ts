import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql'
import { renderPolicy } from '../consent/policies'
import { type DraftSaved, type Published, publishDrafts, savePolicyDraft } from '../consent/policy-drafts'
import { PolicyDraft } from '../entities/policy-draft'
import { PolicyVersion } from '../entities/policy-version'
import { message } from '../messages'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { RequestError } from './errors'
import { isPublicId } from './find'
import { DateTime, Locale } from './scalars'
import { ErrorCode, InputError, UserError } from './user-errors'

@InputType()
export class PolicyInput {
  @Field(() => String, { description: 'The number after the last published version.' })
  version!: string

  @Field(() => Locale)
  locale!: string

  @Field(() => String)
  title!: string

  @Field(() => String, { description: 'Markdown; HTML in it is shown as text.' })
  markdown!: string

  @Field(() => String, {
    nullable: true,
    description: 'What is new, for those who agreed to the version before.',
  })
  changeSummary?: string | null
}

@ObjectType()
export class PolicyPayload {
  @Field(() => PolicyVersion, {
    nullable: true,
    description: 'Of a draft `publishedAt` is null and `effectiveAt` the moment it was saved.',
  })
  policy!: PolicyVersion | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

const MAX_TITLE = 200
const MAX_MARKDOWN = 100_000
const MAX_SUMMARY = 2000

@Resolver()
export class PolicyDraftResolver {
  @Query(() => [PolicyDraft], {
    description: 'The next version as far as it is written, one for each locale.',
  })
  @Access('ADMIN')
  policyDrafts(@Ctx() { db }: ApiContext): Promise<PolicyDraft[]> {
    return db.manager.find(PolicyDraft, { order: { number: 'ASC', id: 'ASC' } })
  }

  @Mutation(() => PolicyPayload, {
    description: 'Writes one locale of the next version; nobody is shown it.',
  })
  @Access('ADMIN')
  async policyDraftSave(
    @Ctx() context: ApiContext,
    @Arg('input', () => PolicyInput) input: PolicyInput,
    @Arg('id', () => ID, { nullable: true }) id?: string | null,
  ): Promise<PolicyPayload> {
    const errors = inputErrors(context, input)
    if (errors.length > 0) return { policy: null, userErrors: errors }
    if (id && !isPublicId(id)) throw new RequestError('NOT_FOUND')
    const saved = await audited(
      context,
      tx => savePolicyDraft(tx, id ?? undefined, { ...input }),
      one => (one.kind === 'saved' ? { action: 'policy.draft', target: one.draft.publicId } : undefined),
    )
    if (saved.kind === 'saved') return { policy: draftView(saved.draft), userErrors: [] }
    return { policy: null, userErrors: [draftError(context, saved)] }
  }

  @Mutation(() => PolicyPayload, {
    description:
      'Publishes every locale of that version, for good. With requiresReconsent mail under older versions stops when it takes effect, until readers renew.',
  })
  @Access('ADMIN')
  async policyPublish(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('effectiveAt', () => DateTime, { description: 'Now, or up to a year ahead.' }) effectiveAt: Date,
    @Arg('requiresReconsent', () => Boolean) requiresReconsent: boolean,
  ): Promise<PolicyPayload> {
    if (!isPublicId(id)) throw new RequestError('NOT_FOUND')
    const published = await audited(
      context,
      tx => publishDrafts(tx, id, { effectiveAt, requiresReconsent }),
      one => (one.kind === 'published' ? { action: 'policy.publish', target: id } : undefined),
    )
    if (published.kind === 'published') return { policy: published.policy, userErrors: [] }
    return { policy: null, userErrors: publishErrors(context, published) }
  }
}

const draftView = (draft: PolicyDraft): PolicyVersion =>
  Object.assign(new PolicyVersion(), draft, renderPolicy(draft), {
    publishedAt: null,
    effectiveAt: draft.savedAt,
    requiresReconsent: false,
  })

function inputErrors({ locale, locales }: ApiContext, input: PolicyInput): UserError[] {
  const { title, markdown, changeSummary } = input
  const problems: [isWrong: boolean, code: ErrorCode, field: string][] = [
    [!locales.includes(input.locale), ErrorCode.INVALID, 'locale'],
    [title.trim() === '', ErrorCode.REQUIRED, 'title'],
    [title.length > MAX_TITLE, ErrorCode.TOO_LONG, 'title'],
    [markdown.trim() === '', ErrorCode.REQUIRED, 'markdown'],
    [markdown.length > MAX_MARKDOWN, ErrorCode.TOO_LONG, 'markdown'],
    [(changeSummary ?? '').length > MAX_SUMMARY, ErrorCode.TOO_LONG, 'changeSummary'],
  ]
  return problems
    .filter(([isWrong]) => isWrong)
    .map(([, code, field]) => new InputError(locale, code, ['input', field]))
}

function draftError({ locale }: ApiContext, saved: Exclude<DraftSaved, { kind: 'saved' }>): UserError {
  switch (saved.kind) {
    case 'not-found':
      throw new RequestError('NOT_FOUND')
    case 'published':
      return new InputError(locale, ErrorCode.INVALID_STATE, ['id'])
    case 'locale-taken':
      return new InputError(locale, ErrorCode.INVALID, ['input', 'locale'])
    case 'wrong-version': {
      const detail = message(locale, 'policy.nextVersion', { version: saved.next })
      return new InputError(locale, ErrorCode.INVALID, ['input', 'version'], detail)
    }
  }
}

function publishErrors(
  { locale }: ApiContext,
  published: Exclude<Published, { kind: 'published' }>,
): UserError[] {
  switch (published.kind) {
    case 'not-found':
      throw new RequestError('NOT_FOUND')
    case 'already':
      return [new InputError(locale, ErrorCode.INVALID_STATE, ['id'])]
    case 'wrong-moment':
      return [new InputError(locale, ErrorCode.INVALID, ['effectiveAt'])]
    case 'locales-missing':
      return published.locales.map(missing => {
        const detail = message(locale, 'policy.localeMissing', { locale: missing })
        return new InputError(locale, ErrorCode.REQUIRED, ['id', missing], detail)
      })
  }
}

import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { readUnsubscribeLink } from '../consent/mail-link'
import { withdrawAtOnce } from '../consent/withdraw'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { Topic } from '../entities/topic'
import { Access } from './access'
import type { ApiContext } from './context'
import { type Owner, ownerOf } from './owner'
import { ReaderPayload } from './payloads'
import { readerAnswer } from './reader-answer'
import { UnsubscribeInput, UnsubscribeScope } from './register.inputs'
import { ErrorCode, InputError, UserError } from './user-errors'

@Resolver()
export class UnsubscribeResolver {
  @Mutation(() => ReaderPayload, { description: 'At once and for good; repeating it changes nothing.' })
  @Access('TOKEN', 'readers:unsubscribe')
  async unsubscribe(
    @Ctx() context: ApiContext,
    @Arg('input', () => UnsubscribeInput) input: UnsubscribeInput,
  ): Promise<ReaderPayload> {
    const owner = await ownerOf(context, input.token, ['input', 'token'], readUnsubscribeLink)
    if (owner === 'gone') return readerAnswer(context, undefined, [])
    if (owner instanceof UserError) return readerAnswer(context, undefined, owner)
    const scope = await scopeOf(context, input, owner)
    if (scope instanceof UserError) return readerAnswer(context, undefined, scope)
    const { alreadyPassed } = await withdrawAtOnce(context.packets, context.db, {
      readerId: owner.readerId,
      scope,
      surface: ConsentSurface.MOBILE_APP,
      method: ConsentMethod.SINGLE_TOGGLE,
      newsletterId: owner.link?.newsletterId ?? null,
    })
    return readerAnswer(context, owner.readerId, alreadyPassed)
  }
}

/** Everything, the topic that is named, or else the one of the mail the link came with. */
async function scopeOf(
  { db, locale }: ApiContext,
  { scope, topicSlug }: UnsubscribeInput,
  { link }: Owner,
): Promise<'all' | { purposeId: number } | UserError> {
  if (scope === UnsubscribeScope.ALL) return 'all'
  const field = ['input', 'topicSlug']
  if (!topicSlug)
    return link ? { purposeId: link.purposeId } : new InputError(locale, ErrorCode.REQUIRED, field)
  const topic = await db.manager.findOneBy(Topic, { slug: topicSlug.slice(0, 60) })
  return topic ? { purposeId: topic.purposeId } : new InputError(locale, ErrorCode.NOT_FOUND, field)
}

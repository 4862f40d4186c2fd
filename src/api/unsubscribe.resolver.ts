import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { readUnsubscribeLink } from '../consent/unsubscribe-link'
import { withdraw } from '../consent/withdraw'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { Topic } from '../entities/topic'
import { transaction } from '../transaction'
import { Access } from './access'
import type { ApiContext } from './context'
import { ReaderPayload } from './payloads'
import { UnsubscribeInput, UnsubscribeScope } from './register.inputs'
import { ErrorCode, InputError } from './user-errors'

@Resolver()
export class UnsubscribeResolver {
  @Mutation(() => ReaderPayload, { description: 'At once and for good; repeating it changes nothing.' })
  @Access('TOKEN', 'readers:unsubscribe')
  async unsubscribe(
    @Ctx() context: ApiContext,
    @Arg('input', () => UnsubscribeInput) input: UnsubscribeInput,
  ): Promise<ReaderPayload> {
    const { db, keyring, loaders } = context
    const link = await readUnsubscribeLink(db.manager, keyring, input.token ?? '')
    if (link.kind === 'invalid') return refusedFor(context, ErrorCode.TOKEN_INVALID, 'token')
    if (link.kind === 'gone') return { reader: null, alreadyPassed: [], userErrors: [] }
    const purposeId = input.topicSlug ? await purposeOf(context, input.topicSlug) : link.purposeId
    if (!purposeId) return refusedFor(context, ErrorCode.NOT_FOUND, 'topicSlug')
    const { alreadyPassed } = await transaction(db, tx =>
      withdraw(tx, {
        readerId: link.reader.id,
        scope: input.scope === UnsubscribeScope.ALL ? 'all' : { purposeId },
        surface: ConsentSurface.MOBILE_APP,
        method: ConsentMethod.SINGLE_TOGGLE,
        newsletterId: link.newsletterId,
      }),
    )
    return { reader: (await loaders.reader.load(link.reader.id)) ?? null, alreadyPassed, userErrors: [] }
  }
}

async function purposeOf({ db }: ApiContext, slug: string): Promise<number | undefined> {
  const topic = await db.manager.findOneBy(Topic, { slug })
  return topic?.purposeId
}

const refusedFor = ({ locale }: ApiContext, code: ErrorCode, field: string): ReaderPayload => ({
  reader: null,
  alreadyPassed: [],
  userErrors: [new InputError(locale, code, ['input', field])],
})

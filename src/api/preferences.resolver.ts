import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { pause } from '../consent/pause'
import { chooseForTopic } from '../consent/topic-preference'
import { Topic } from '../entities/topic'
import { Access } from './access'
import { PauseInput, TopicPreferenceInput } from './centre.inputs'
import type { ApiContext } from './context'
import { isPauseDate } from './future-date'
import { changeOwn, ownerOf } from './owner'
import { ReaderPayload } from './payloads'
import { readerAnswer } from './reader-answer'
import { ErrorCode, InputError, UserError } from './user-errors'

const MORE = 'Needs a fresh code if it brings more mail (FRESH_PROOF_REQUIRED mails one; reauthenticate).'

@Resolver()
export class PreferencesResolver {
  @Mutation(() => ReaderPayload, { description: `How often a topic may come. ${MORE}` })
  @Access('TOKEN')
  async topicPreferenceSave(
    @Ctx() context: ApiContext,
    @Arg('input', () => TopicPreferenceInput) input: TopicPreferenceInput,
  ): Promise<ReaderPayload> {
    const owner = await ownerOf(context, input.token)
    if (owner === 'gone') return readerAnswer(context, undefined, [])
    if (owner instanceof UserError) return readerAnswer(context, undefined, owner)
    const { topicSlug, frequency, pausedUntil } = input
    const topic = await context.db.manager.findOneBy(Topic, { slug: topicSlug.slice(0, 60) })
    if (!topic) return refused(context, ErrorCode.NOT_FOUND, 'topicSlug')
    if (pausedUntil && !(await isPauseDate(context.db.manager, pausedUntil)))
      return refused(context, ErrorCode.INVALID, 'pausedUntil')
    const outcome = await changeOwn(
      context,
      owner,
      (tx, proof) =>
        chooseForTopic(tx, owner.readerId, topic.purposeId, { frequency, pausedUntil }, proof !== undefined),
      { field: ['input', 'frequency'] },
    )
    return readerAnswer(context, owner.readerId, outcome)
  }

  @Mutation(() => ReaderPayload, { description: `No mail until then. ${MORE}` })
  @Access('TOKEN')
  async subscriptionsPause(
    @Ctx() context: ApiContext,
    @Arg('input', () => PauseInput) input: PauseInput,
  ): Promise<ReaderPayload> {
    if (!(await isPauseDate(context.db.manager, input.until)))
      return refused(context, ErrorCode.INVALID, 'until')
    return pauseUntil(context, input.until, input.token, ['input', 'token'], ['input', 'until'])
  }

  @Mutation(() => ReaderPayload, {
    description: 'Ends a pause: more mail, so never by a mailed link alone, and with a fresh code.',
  })
  @Access('TOKEN')
  subscriptionsResume(
    @Ctx() context: ApiContext,
    @Arg('token', () => String, { nullable: true }) token?: string | null,
  ): Promise<ReaderPayload> {
    return pauseUntil(context, null, token, ['token'], null)
  }
}

async function pauseUntil(
  context: ApiContext,
  until: Date | null,
  token: string | null | undefined,
  tokenField: string[],
  field: string[] | null,
): Promise<ReaderPayload> {
  const owner = await ownerOf(context, token, tokenField)
  if (owner === 'gone') return readerAnswer(context, undefined, [])
  if (owner instanceof UserError) return readerAnswer(context, undefined, owner)
  const outcome = await changeOwn(
    context,
    owner,
    (tx, proof) => pause(tx, owner.readerId, until, proof !== undefined),
    { field },
  )
  return readerAnswer(context, owner.readerId, outcome)
}

const refused = (context: ApiContext, code: ErrorCode, field: string): Promise<ReaderPayload> =>
  readerAnswer(context, undefined, new InputError(context.locale, code, ['input', field]))

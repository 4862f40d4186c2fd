// The one door by which data is passed on: a processor's own key, a purpose of its own, readers who said yes to it.
import {
  Arg,
  AuthorizationError,
  Ctx,
  Field,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql'
import { audit } from '../consent/audit'
import { type Disclosed, disclose, MAX_REASON } from '../privacy/disclose'
import { acknowledgeErasure, openNotices } from '../privacy/erasure-notices'
import { transaction } from '../transaction'
import { Access } from './access'
import { type Connection, connectionOf, MAX_PAGE } from './connection'
import type { ApiContext } from './context'
import { RequestError } from './errors'
import { isPublicId } from './find'
import { AcceptedPayload } from './payloads'
import { ErrorCode, InputError } from './user-errors'

@ObjectType()
export class ProcessorRecord {
  @Field(() => ID, { description: 'The number under which this processor alone knows the person.' })
  ref!: string

  @Field(() => String, { nullable: true })
  email!: string | null

  @Field(() => String, { nullable: true })
  name!: string | null

  @Field(() => String, { nullable: true })
  locale!: string | null
}
const ProcessorRecordConnection = connectionOf(ProcessorRecord, 'ProcessorRecord')

@ObjectType('ErasureNotice', {
  description: 'Somebody whose data this processor was given has to be erased.',
})
export class ErasureNoticeView {
  @Field(() => ID)
  id!: string

  @Field(() => ID)
  ref!: string

  @Field(() => Date)
  requestedAt!: Date

  @Field(() => Date)
  dueAt!: Date
}

@Resolver()
export class ProcessorRecordsResolver {
  @Query(() => ProcessorRecordConnection, {
    description:
      'Readers whose yes to this purpose stands now. Each page is written down before it is answered.',
  })
  @Access('PROCESSOR', 'processor:records')
  async processorRecords(
    @Ctx() context: ApiContext,
    @Arg('purposeKey', () => String) purposeKey: string,
    @Arg('reason', () => String, { description: 'What they are needed for this time.' }) reason: string,
    @Arg('first', () => Int, { defaultValue: 100 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<ProcessorRecord>> {
    const { db, keyring } = context
    const apiKey = keyOf(context)
    if (reason.trim() === '' || reason.length > MAX_REASON)
      throw new RequestError('BAD_USER_INPUT', `reason must have from 1 to ${MAX_REASON} characters`)
    if (first < 1 || first > MAX_PAGE)
      throw new RequestError('BAD_USER_INPUT', `first must be from 1 to ${MAX_PAGE}`)
    if (after && !isPublicId(after)) throw new RequestError('BAD_USER_INPUT', 'after is not a cursor')
    const wanted = { apiKey, purposeKey, reason: reason.trim(), limit: first, after: after || undefined }
    const found = await transaction(db, tx => disclose(tx, keyring, wanted))
    if (found.kind !== 'passed') throw refusals[found.kind]()
    return pageOf(found, after)
  }

  @Query(() => [ErasureNoticeView], {
    description: 'What is not confirmed yet, the oldest first, at most 100.',
  })
  @Access('PROCESSOR', 'processor:records')
  async processorErasures(@Ctx() context: ApiContext): Promise<ErasureNoticeView[]> {
    const notices = await openNotices(context.db.manager, keyOf(context).processorId)
    return notices.map(({ publicId, ref, requestedAt, dueAt }) => ({ id: publicId, ref, requestedAt, dueAt }))
  }

  @Mutation(() => AcceptedPayload, { description: 'Says when the data was erased.' })
  @Access('PROCESSOR', 'processor:records')
  async processorErasureAcknowledge(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('erasedAt', () => Date) erasedAt: Date,
  ): Promise<AcceptedPayload> {
    const { db, locale, requestId } = context
    const apiKey = keyOf(context)
    if (!isPublicId(id)) throw new RequestError('NOT_FOUND')
    // A key acts in the name of the admin who made it.
    const actor = { name: `key:${apiKey.publicId}`, role: 'ADMIN' as const, requestId }
    const outcome = await transaction(db, async tx => {
      const outcome = await acknowledgeErasure(tx, apiKey.processorId, id, erasedAt)
      if (outcome === 'done') await audit(tx, actor, 'processor.erased', id)
      return outcome
    })
    if (outcome === 'unknown') throw new RequestError('NOT_FOUND')
    const isWrong = outcome === 'impossible'
    const userErrors = isWrong ? [new InputError(locale, ErrorCode.INVALID, ['erasedAt'])] : []
    return { accepted: !isWrong, alreadyPassed: [], retryAfterSeconds: null, userErrors }
  }
}

const refusals = {
  'no-agreement': () => new RequestError('FORBIDDEN', 'No agreement stands, or the processor is not active.'),
  'no-purpose': () =>
    new RequestError('FORBIDDEN', 'This is no purpose that data may be passed to this processor for.'),
  'bad-cursor': () => new RequestError('BAD_USER_INPUT', 'after is not a cursor'),
}

/** The key of the request, which the access rule has asked for, and whose it is. */
function keyOf({ apiKey }: ApiContext) {
  if (!apiKey?.processorId) throw new AuthorizationError()
  const { id, publicId, processorId } = apiKey
  return { id, publicId, processorId }
}

/** The cursors are the processor's own numbers: ours would be the same for all of them. */
function pageOf(
  { readers, hasMore }: Extract<Disclosed, { kind: 'passed' }>,
  after: string | null | undefined,
): Connection<ProcessorRecord> {
  return {
    nodes: readers,
    edges: readers.map(node => ({ node, cursor: node.ref })),
    pageInfo: {
      hasNextPage: hasMore,
      hasPreviousPage: Boolean(after),
      startCursor: readers[0]?.ref ?? null,
      endCursor: readers.at(-1)?.ref ?? null,
    },
  }
}

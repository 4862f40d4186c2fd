import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { audit } from '../consent/audit'
import { restrict, unrestrict } from '../consent/restrict'
import { withdraw } from '../consent/withdraw'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { Reader } from '../entities/reader'
import { beginErasure } from '../privacy/begin-erasure'
import { Access } from './access'
import { actorOf, audited } from './audited'
import type { ApiContext } from './context'
import { DataRequestPayload, erasing, notRequested } from './data-request.types'
import { byPublicId } from './find'
import { notFresh } from './fresh'
import { orderedErasure, wakeErasure } from './order-erasure'
import { ReaderPayload } from './payloads'
import { ErrorCode, InputError, type UserError } from './user-errors'

const MAX_REASON = 500

/** What an admin does for a reader who asked by letter or telephone. Each leaves an audit event. */
@Resolver()
export class StaffReaderRightsResolver {
  @Mutation(() => DataRequestPayload, {
    description:
      'Deletes everything of a reader, for good. `child: true` also takes the proof of consent, as soon as somebody is known to be too young; a parent who asks need not prove anything.',
  })
  @Access('ADMIN')
  async readerErase(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('reason', () => String) reason: string,
    @Arg('child', () => Boolean, { defaultValue: false }) isChild: boolean,
  ): Promise<DataRequestPayload> {
    const reader = await byPublicId(context.db.manager, Reader, id)
    const error = reasonError(context, reason) ?? (await notFresh(context))
    if (error) return notRequested(error)
    const order = { origin: 'STAFF', isChild } as const
    const action = isChild ? 'data.erase-child' : 'data.erase'
    const ordered = await orderedErasure(
      context.db,
      tx => beginErasure(tx, context.keyring, reader.id, order),
      // Of a child not even the random number stays.
      (tx, request) => audit(tx, actorOf(context), action, isChild ? request.publicId : id, reason),
    )
    if (!ordered) return notRequested(new InputError(context.locale, ErrorCode.INVALID_STATE, ['id']))
    await wakeErasure(context.enqueue, ordered)
    return erasing(ordered)
  }

  @Mutation(() => ReaderPayload, { description: 'The data stays, no newsletter is sent (Art. 18 GDPR).' })
  @Access('ADMIN')
  readerRestrict(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('reason', () => String) reason: string,
  ): Promise<ReaderPayload> {
    return act(context, id, reason, 'reader.restrict', restrict)
  }

  @Mutation(() => ReaderPayload, {
    description: 'Because the reader asked for it; their other choices stand.',
  })
  @Access('ADMIN')
  async readerUnrestrict(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('reason', () => String) reason: string,
  ): Promise<ReaderPayload> {
    const stale = await notFresh(context)
    if (stale)
      return {
        reader: await byPublicId(context.db.manager, Reader, id),
        alreadyPassed: [],
        userErrors: [stale],
      }
    return act(context, id, reason, 'reader.unrestrict', async (tx, readerId) =>
      (await unrestrict(tx, readerId)) ? { alreadyPassed: [] } : undefined,
    )
  }

  @Mutation(() => ReaderPayload, {
    description:
      'The reader objects (Art. 21 GDPR): every yes is taken back; only their own new sign-up starts again.',
  })
  @Access('ADMIN')
  readerObject(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('reason', () => String) reason: string,
  ): Promise<ReaderPayload> {
    return act(context, id, reason, 'reader.object', (tx, readerId) =>
      withdraw(tx, {
        readerId,
        scope: 'all',
        surface: ConsentSurface.STAFF,
        method: ConsentMethod.REJECT_ALL,
        newsletterId: null,
        actor: 'ADMIN',
      }),
    )
  }
}

async function act(
  context: ApiContext,
  id: string,
  reason: string,
  action: 'reader.restrict' | 'reader.unrestrict' | 'reader.object',
  verb: (tx: EntityManager, readerId: number) => Promise<{ alreadyPassed: string[] } | undefined>,
): Promise<ReaderPayload> {
  const { manager } = context.db
  const reader = await byPublicId(manager, Reader, id)
  const error = reasonError(context, reason)
  if (error) return { reader, alreadyPassed: [], userErrors: [error] }
  const gone = new InputError(context.locale, ErrorCode.INVALID_STATE, ['id'])
  if (reader.erasedAt) return { reader, alreadyPassed: [], userErrors: [gone] }
  const done = await audited(
    context,
    tx => verb(tx, reader.id),
    outcome => outcome && { action, target: id, reason },
  )
  const after = await byPublicId(manager, Reader, id)
  return { reader: after, alreadyPassed: done?.alreadyPassed ?? [], userErrors: done ? [] : [gone] }
}

function reasonError({ locale }: ApiContext, reason: string): UserError | undefined {
  if (!reason.trim()) return new InputError(locale, ErrorCode.REQUIRED, ['reason'])
  return reason.length > MAX_REASON ? new InputError(locale, ErrorCode.TOO_LONG, ['reason']) : undefined
}

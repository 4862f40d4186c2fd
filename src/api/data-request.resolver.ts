import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Resolver, Root } from 'type-graphql'
import { DataRequest } from '../entities/data-request'
import { JobStatus } from '../entities/job-status'
import { Reader } from '../entities/reader'
import { beginErasure } from '../privacy/begin-erasure'
import { cancelExport, requestExport } from '../privacy/export'
import { downloadTicket } from '../secrets/download-ticket'
import { transaction } from '../transaction'
import { Access } from './access'
import type { ApiContext } from './context'
import { DataRequestPayload, erasing, notRequested, requested } from './data-request.types'
import { isPublicId } from './find'
import { needsFreshProof } from './fresh-proof'
import { orderedErasure, wakeErasure } from './order-erasure'
import { clearReaderCookie } from './reader-cookie'
import { ErrorCode, InputError, RateLimitedError } from './user-errors'

const DAY_MS = 86_400_000

/** What a reader may ask for with their own data (Art. 15, 17 and 20 GDPR). */
@Resolver(() => Reader)
export class OwnDataResolver {
  @Mutation(() => DataRequestPayload, {
    description:
      'A copy of everything, as JSON and CSV. Without a fresh proof: FRESH_PROOF_REQUIRED, and a code is mailed. A mail with link and code says when it is ready.',
  })
  @Access('READER')
  async dataExportRequest(
    @Ctx() context: ApiContext,
    @Arg('code', () => String, { nullable: true }) code?: string | null,
  ): Promise<DataRequestPayload> {
    const { db, keyring, enqueue } = context
    const error = await needsFreshProof(context, code, ['code'])
    if (error) return notRequested(error)
    const asked = await transaction(db, tx => requestExport(tx, keyring, selfOf(context).id))
    if (asked.kind === 'too-many') return notRequested(tooMany(context))
    await enqueue.dataRequest(asked.request.id)
    return requested(asked.request)
  }

  @Mutation(() => DataRequestPayload, {
    description:
      'Deletes everything, for good, from this answer on; `confirm` must be true. Needs a fresh proof as the copy does.',
  })
  @Access('READER')
  async dataErasureRequest(
    @Ctx() context: ApiContext,
    @Arg('confirm', () => Boolean) confirm: boolean,
    @Arg('code', () => String, { nullable: true }) code?: string | null,
  ): Promise<DataRequestPayload> {
    const { db, keyring, enqueue, config, response } = context
    if (!confirm) return notRequested(new InputError(context.locale, ErrorCode.REQUIRED, ['confirm']))
    const error = await needsFreshProof(context, code, ['code'])
    if (error) return notRequested(error)
    const order = { origin: 'READER', isChild: false } as const
    const ordered = await orderedErasure(db, tx => beginErasure(tx, keyring, selfOf(context).id, order))
    if (!ordered) return notRequested(new InputError(context.locale, ErrorCode.INVALID_STATE, null))
    await wakeErasure(enqueue, ordered)
    clearReaderCookie(config, response)
    return erasing(ordered)
  }

  @Mutation(() => DataRequestPayload, {
    description:
      'Calls off a copy that is being made or waits for its download. An erasure cannot be called off.',
  })
  @Access('READER')
  async dataRequestCancel(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
  ): Promise<DataRequestPayload> {
    const { db, locale } = context
    const own = { readerId: selfOf(context).id, publicId: id }
    if (!isPublicId(id) || !(await db.manager.existsBy(DataRequest, own)))
      return notRequested(new InputError(locale, ErrorCode.NOT_FOUND, ['id']))
    const request = await transaction(db, tx => cancelExport(tx, own.readerId, id))
    return request
      ? requested(request)
      : notRequested(new InputError(locale, ErrorCode.INVALID_STATE, ['id']))
  }
}

@Resolver(() => DataRequest)
export class DataRequestResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'For the reader whose copy is ready. The page asks for the code of the mail.',
  })
  downloadUrl(@Root() request: DataRequest, @Ctx() { keyring, config, reader }: ApiContext): string | null {
    if (request.status !== JobStatus.READY || request.readerId !== reader?.id) return null
    return new URL(`/export/${downloadTicket(keyring, request)}`, config.publicUrl).href
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Until it is due; negative when it is late. Null once it is over.',
  })
  daysLeft(@Root() { status, dueAt }: DataRequest): number | null {
    const isOpen = status === JobStatus.QUEUED || status === JobStatus.RUNNING
    return isOpen ? Math.floor((dueAt.getTime() - Date.now()) / DAY_MS) : null
  }
}

/** The access rule has seen to it that somebody is logged in. */
function selfOf({ reader }: ApiContext): Reader {
  if (!reader) throw new Error('Nobody is logged in')
  return reader
}

function tooMany({ locale }: ApiContext): RateLimitedError {
  const error = new RateLimitedError(locale, ErrorCode.RATE_LIMITED, null)
  error.retryAfterSeconds = DAY_MS / 1000
  return error
}

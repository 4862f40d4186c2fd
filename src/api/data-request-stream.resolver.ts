// A copy or an erasure under way, told by whoever may see it whenever its status changes.
import {
  Arg,
  AuthenticationError,
  AuthorizationError,
  Ctx,
  ID,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { findOpenSession } from '../consent/reader-sessions'
import { findStaffSession } from '../consent/staff-session'
import { DataRequest } from '../entities/data-request'
import type { JobStatus } from '../entities/job-status'
import { Access, isAllowed } from './access'
import type { ApiContext } from './context'
import { RequestError } from './errors'
import { byPublicId } from './find'
import { whileUnderWay } from './while-under-way'

/** Nobody keeps a place for ever: who wants to know more asks again. */
const LOOKS = 600
const WHEN = 'At once and whenever its status changes, until it is ready or over, for at most ten minutes.'

@Resolver()
export class OwnDataRequestStreamResolver {
  @Subscription(() => DataRequest, {
    description: `An own request. ${WHEN}`,
    subscribe: ({ args, context }) => ownRequest(context as ApiContext, String(args.id)),
  })
  @Access('READER')
  dataRequestUpdated(
    @Root() request: DataRequest,
    @Arg('id', () => ID) _id: string,
    @Ctx() _context: ApiContext,
  ): DataRequest {
    return request
  }
}

@Resolver()
export class DataRequestStreamResolver {
  @Subscription(() => DataRequest, {
    description: WHEN,
    subscribe: ({ args, context }) => anyRequest(context as ApiContext, String(args.id)),
  })
  @Access('ADMIN')
  dataRequestUpdated(
    @Root() request: DataRequest,
    @Arg('id', () => ID) _id: string,
    @Ctx() _context: ApiContext,
  ): DataRequest {
    return request
  }
}

/** The access rule of the field is asked with each event only; whoever may not see any must not start one either. */
async function ownRequest(
  { db, reader, readerSession }: ApiContext,
  id: string,
): Promise<AsyncGenerator<DataRequest>> {
  if (!reader || !readerSession) throw new AuthenticationError()
  const request = await byPublicId(db.manager, DataRequest, id)
  // Whether somebody else has such a request is nobody's business.
  if (request.readerId !== reader.id) throw new RequestError('NOT_FOUND')
  return follow(db.manager, id, async () => (await findOpenSession(db.manager, readerSession)) !== undefined)
}

async function anyRequest(
  { db, staff, session }: ApiContext,
  id: string,
): Promise<AsyncGenerator<DataRequest>> {
  if (!staff || !session) throw new AuthenticationError()
  if (!isAllowed(staff.role, 'ADMIN')) throw new AuthorizationError()
  await byPublicId(db.manager, DataRequest, id)
  return follow(
    db.manager,
    id,
    async () => (await findStaffSession(db.manager, session.tokenHash)) !== undefined,
  )
}

async function* follow(
  db: EntityManager,
  id: string,
  isLoggedIn: () => Promise<boolean>,
): AsyncGenerator<DataRequest> {
  let told: JobStatus | undefined
  let looks = 0
  for await (const request of whileUnderWay(() => byPublicId(db, DataRequest, id), isLoggedIn)) {
    if (request.status !== told) yield request
    told = request.status
    if (++looks === LOOKS) return
  }
}

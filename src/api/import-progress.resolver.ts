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
import { findStaffSession } from '../consent/staff-session'
import { ImportJob } from '../entities/import-job'
import { Access, isAllowed } from './access'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { ImportJobView, importView } from './import.types'
import { whileUnderWay } from './while-under-way'

@Resolver()
export class ImportProgressResolver {
  @Subscription(() => ImportJobView, {
    description: 'The import every second until it ends.',
    subscribe: ({ args, context }) => subscribed(context as ApiContext, String(args.id)),
  })
  @Access('ADMIN')
  importProgress(
    @Root() view: ImportJobView,
    @Arg('id', () => ID) _id: string,
    @Ctx() _context: ApiContext,
  ): ImportJobView {
    return view
  }
}

/** The access rule of the field is asked with each event only; whoever may not see any must not start one either. */
async function subscribed(context: ApiContext, id: string): Promise<AsyncGenerator<ImportJobView>> {
  if (!context.staff) throw new AuthenticationError()
  if (!isAllowed(context.staff.role, 'ADMIN')) throw new AuthorizationError()
  await byPublicId(context.db.manager, ImportJob, id)
  return follow(context, id)
}

const follow = ({ db, session, locale }: ApiContext, id: string): AsyncGenerator<ImportJobView> =>
  whileUnderWay(
    async () => importView(await byPublicId(db.manager, ImportJob, id), locale),
    async () =>
      session !== undefined && (await findStaffSession(db.manager, session.tokenHash)) !== undefined,
  )

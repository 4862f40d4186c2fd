import { setTimeout as sleep } from 'node:timers/promises'
import { Arg, AuthenticationError, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql'
import { findStaffSession } from '../consent/staff-session'
import { Newsletter, NewsletterStatus } from '../entities/newsletter'
import { Access } from './access'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { SendProgress } from './newsletter.types'
import { progressOf } from './progress'

/** At most one event a second (api-ux §1). */
const EVERY_MS = 1000
const ENDED: readonly NewsletterStatus[] = [
  NewsletterStatus.SENT,
  NewsletterStatus.CANCELLED,
  NewsletterStatus.FAILED,
]

@Resolver()
export class ProgressResolver {
  @Subscription(() => SendProgress, {
    description: 'The same as newsletter.progress, every second until it ends.',
    subscribe: ({ args, context }) => subscribed(context as ApiContext, String(args.id)),
  })
  @Access('AUTHOR')
  newsletterProgress(
    @Root() progress: SendProgress,
    @Arg('id', () => ID) _id: string,
    @Ctx() _context: ApiContext,
  ): SendProgress {
    return progress
  }
}

/** The access rule of the field is asked with each event only; whoever may not see any must not start one either. */
async function subscribed(context: ApiContext, id: string): Promise<AsyncGenerator<SendProgress>> {
  if (!context.staff) throw new AuthenticationError()
  await byPublicId(context.db.manager, Newsletter, id)
  return follow(context, id)
}

async function* follow(context: ApiContext, id: string): AsyncGenerator<SendProgress> {
  const { db, session } = context
  // A stream ends with the log-in it was opened by.
  while (session && (await findStaffSession(db.manager, session.tokenHash))) {
    const newsletter = await byPublicId(db.manager, Newsletter, id)
    yield await progressOf(context, newsletter)
    if (ENDED.includes(newsletter.status)) return
    await sleep(EVERY_MS)
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql'
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
    subscribe: ({ args, context }) => follow(context as ApiContext, String(args.id)),
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

async function* follow({ db }: ApiContext, id: string): AsyncGenerator<SendProgress> {
  for (;;) {
    const newsletter = await byPublicId(db.manager, Newsletter, id)
    yield await progressOf(db.manager, newsletter)
    if (ENDED.includes(newsletter.status)) return
    await sleep(EVERY_MS)
  }
}

import { expand } from '../newsletters/expand'
import type { WorkerContext } from './context'

/** The expand job: starts the newsletter and wakes the workers that deliver it. */
export async function expandNewsletter(context: WorkerContext, newsletterId: number): Promise<void> {
  if (await expand(context.db, newsletterId, context.config)) await context.enqueue.deliver(newsletterId)
}

// Which newsletters this worker is delivering. Each once, however often it is woken for it; every worker looks for itself
// what there is to deliver, so that a wake-up that got lost costs a sweep and no more.
import type { WorkerContext } from './context'
import { deliverNewsletter } from './deliver-newsletter'
import type { Activity } from './watchdog'

/** More wait for a place; each holds a few ranges in memory. */
const MAX_AT_ONCE = 20

export class DeliveriesUnderWay {
  readonly #running = new Map<number, Promise<void>>()

  constructor(private readonly activity: Activity) {}

  /**
   * Starts delivering and answers true, unless it is under way already or there is no place. What fails is logged, and found
   * again by the next sweep.
   */
  start(context: WorkerContext, newsletterId: number): boolean {
    if (context.stopping.aborted || this.#running.has(newsletterId) || this.#running.size >= MAX_AT_ONCE)
      return false
    const onHalt = () => {
      if (this.#running.get(newsletterId) === running) this.#running.delete(newsletterId)
    }
    const running: Promise<void> = this.activity
      .during(() => deliverNewsletter(context, newsletterId, onHalt))
      .catch(error => context.log.error({ newsletterId, err: error }, 'delivering failed'))
      .finally(onHalt)
    this.#running.set(newsletterId, running)
    return true
  }
}

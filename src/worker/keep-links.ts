// The links of the directory, looked at beside the sweep: sites of others answer when they like. Only with LINK_CHECKS=on,
// as it is the one thing that connects to hosts no operator has named.
import { checkLinks } from '../privacy/check-links'
import { isUnavailable } from '../transaction'
import type { WorkerContext } from './context'

const LOOK_MS = 10 * 60_000

export interface LinkKeeper {
  /** Looks every ten minutes whether links are due, and checks a batch of them without being waited for. */
  keep(): void
  /** Waits for what is under way; it gives up when the worker stops. */
  end(): Promise<void>
}

export function createLinkKeeper({ db, config, log, stopping }: WorkerContext): LinkKeeper {
  let underWay = Promise.resolve()
  let nextLook = Number.NEGATIVE_INFINITY
  const work = async () => {
    const checked = await checkLinks(db, stopping)
    if (checked > 0) log.info({ checked }, 'link directory: links checked')
  }
  return {
    keep() {
      if (!config.linkChecks || performance.now() < nextLook) return
      nextLook = performance.now() + LOOK_MS
      underWay = underWay.then(work).catch((error: unknown) => {
        if (stopping.aborted || isUnavailable(error)) return
        log.error({ err: error }, 'link directory: links could not be checked')
      })
    },
    end: () => underWay,
  }
}

// A checkpoint of the consent ledger every day, made beside the sweep: it may take longer than a sweep has time.
import { copyCheckpoints, isCheckpointDue, takeCheckpoint } from '../consent/keep-checkpoints'
import { createLedgerSigner } from '../secrets/ledger-signer'
import { isUnavailable } from '../transaction'
import type { WorkerContext } from './context'

const LOOK_MS = 10 * 60_000

export interface CheckpointKeeper {
  /** Looks every ten minutes whether there is something to do, and does it without being waited for. */
  keep(duty: { isLeader: boolean; ownsStateDir: boolean }): void
  /** Waits for what is under way; it gives up when the worker stops. */
  end(): Promise<void>
}

export function createCheckpointKeeper({
  db,
  config,
  keyring,
  log,
  stopping,
}: WorkerContext): CheckpointKeeper {
  const signer = createLedgerSigner(keyring)
  let underWay = Promise.resolve()
  let nextLook = Number.NEGATIVE_INFINITY
  const work = async (isLeader: boolean, ownsStateDir: boolean) => {
    if (isLeader && (await isCheckpointDue(db.manager))) {
      const made = await takeCheckpoint(db, config.stateDir, signer, stopping)
      if (made) log.info({ number: made.number, events: made.events }, 'consent ledger: checkpoint made')
    }
    if (ownsStateDir) await copyCheckpoints(db.manager, config.stateDir)
  }
  return {
    keep({ isLeader, ownsStateDir }) {
      if (performance.now() < nextLook || (!isLeader && !ownsStateDir)) return
      nextLook = performance.now() + LOOK_MS
      underWay = underWay
        .then(() => work(isLeader, ownsStateDir))
        .catch((error: unknown) => {
          if (stopping.aborted || isUnavailable(error)) return
          log.error({ err: error }, 'consent ledger: no checkpoint could be made')
        })
    },
    end: () => underWay,
  }
}

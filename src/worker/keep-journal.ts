// One worker of each STATE_DIR keeps its deny journal: every host's journal is complete by itself.
import { readSeenEpoch } from '../consent/epoch'
import { createDenialCopier, type DenialCopier, denyJournalName } from '../consent/journal-denials'
import type { WorkerContext } from './context'
import { takeLease } from './lease'

export interface JournalKeeper {
  /** Brings the journal up to date, if that is this worker's business: then true. */
  keep(): Promise<boolean>
}

export function createJournalKeeper({ db, config }: WorkerContext, holder: string): JournalKeeper {
  let copier: DenialCopier | undefined
  return {
    async keep() {
      const role = `deny ${denyJournalName(config.stateDir).slice(0, 30)}`
      if (!(await takeLease(db.manager, role, holder, config.sweepMs * 3))) {
        // Another one goes on from the mark; taking over again starts from there.
        copier = undefined
        return false
      }
      const seen = readSeenEpoch(config.stateDir)
      if (!seen) return false
      copier ??= createDenialCopier(config.stateDir)
      await copier.copy(db.manager, seen.epoch)
      return true
    },
  }
}

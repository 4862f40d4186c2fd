/** Where the ledger is not what it must be. */
export interface Break {
  what: string
  /** The reader's random public id. */
  reader?: string
  /** In that reader's chain, from 1. */
  position?: number
  checkpoint?: number
}

const MAX_KEPT = 100

/** Collects breaks in the order they are found; of a ledger that is broken all over, the first hundred. */
export class Findings {
  readonly breaks: Break[] = []
  count = 0

  add(found: Break): void {
    this.count += 1
    if (this.breaks.length < MAX_KEPT) this.breaks.push(found)
  }
}

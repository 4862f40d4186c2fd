// What waits for a connection: notices first, then the newsletters in turn, so that a small one is not stuck behind a large one.

/** The lane that always goes first: mail a person is waiting for. */
export const NOTICE_LANE = 'notice'

export class Lanes<T extends { lane: string }> {
  readonly #lanes = new Map<string, T[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(item: T): void {
    this.#of(item.lane).push(item)
    this.#size++
  }

  /** For what was taken and could not be carried: it goes before its lane. */
  putBack(item: T): void {
    this.#of(item.lane).unshift(item)
    this.#size++
  }

  take(): T | undefined {
    const urgent = this.#lanes.get(NOTICE_LANE)?.shift()
    if (urgent) return this.#taken(urgent)
    for (const [lane, items] of this.#lanes) {
      const item = items.shift()
      // To the end of the row: insertion order is the turn. One that is alone need not move.
      if (items.length === 0 || this.#lanes.size > 1) this.#lanes.delete(lane)
      if (items.length > 0) this.#lanes.set(lane, items)
      if (item) return this.#taken(item)
    }
    return undefined
  }

  drain(): T[] {
    const items = [...this.#lanes.values()].flat()
    this.#lanes.clear()
    this.#size = 0
    return items
  }

  #of(lane: string): T[] {
    const known = this.#lanes.get(lane)
    if (known) return known
    const made: T[] = []
    this.#lanes.set(lane, made)
    return made
  }

  #taken(item: T): T {
    this.#size--
    return item
  }
}

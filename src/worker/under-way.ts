// Messages on their way: how many, and when the next of them ends.

export class UnderWay {
  #size = 0
  #failure: { error: unknown } | undefined
  #waiting: (() => void)[] = []

  get size(): number {
    return this.#size
  }

  add(one: Promise<void>): void {
    this.#size++
    const ended = () => {
      this.#size--
      for (const wake of this.#waiting.splice(0)) wake()
    }
    one.then(ended, error => {
      this.#failure ??= { error }
      ended()
    })
  }

  /** Resolves when one more has ended. Not to be asked when none is under way. */
  nextEnd(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  async noneLeft(): Promise<void> {
    while (this.#size > 0) await this.nextEnd()
  }

  /** Resolves when none is left; rejects then with the first failure. */
  async allEnded(): Promise<void> {
    await this.noneLeft()
    if (this.#failure) throw this.#failure.error
  }
}

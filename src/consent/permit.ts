// The proof that a gate has passed. Only consent/ makes one; writing the final dot of a message needs it.

/** Nominal on purpose: the private field keeps look-alike objects out (TypeScript is structural). */
export class Permit {
  readonly #granted = true

  private constructor(readonly passedAt: Date) {}

  /** For the gates in consent/ alone, after their transaction has committed. */
  static afterCommit(): Permit {
    return new Permit(new Date())
  }

  get granted(): boolean {
    return this.#granted
  }
}

/** What must be closed again, in reverse order; nothing may be opened once closing has begun. */
export class Closers {
  private readonly open: (() => Promise<unknown> | unknown)[] = []
  private closing = false

  add(close: () => Promise<unknown> | unknown): void {
    this.open.push(close)
    if (this.closing) throw new Interrupted()
  }

  async close(): Promise<void> {
    this.closing = true
    for (let close = this.open.pop(); close; close = this.open.pop()) await close()
  }
}

/** Ends a start that was interrupted half-way. */
export class Interrupted extends Error {}

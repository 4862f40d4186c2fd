// Domains that get nothing for a while: their server asked for silence, or has been busy or away for many messages in a row.
import { performance } from 'node:perf_hooks'

/** A server may be busy for one message; after so many in a row, with none taken in between, the rest of the domain waits. */
const BUSY_IN_A_ROW = 10
/** As long as the first retry of a single message waits (standards §N "retry (newsletter)"). */
const BUSY_MS = 15 * 60_000

/** What one worker knows of the domains of a newsletter it is at. In memory: forgetting costs a few refusals, no message. */
export class SilentDomains {
  readonly #until = new Map<string, number>()
  readonly #busy = new Map<string, number>()

  /** Nothing to this domain for so many milliseconds. */
  silence(domain: string, ms: number): void {
    this.#until.set(domain, performance.now() + ms)
  }

  /** "Back off" in the status table: one more message its server, or the way there, had no time for. */
  busy(domain: string): void {
    const count = (this.#busy.get(domain) ?? 0) + 1
    this.#busy.set(domain, count)
    if (count >= BUSY_IN_A_ROW) this.silence(domain, BUSY_MS)
  }

  /** It answered otherwise: its server is there and has time. */
  well(domain: string): void {
    if (this.#busy.size > 0) this.#busy.delete(domain)
  }

  /** For how many milliseconds the domain still gets nothing; 0 if it may. */
  silentMs(domain: string): number {
    return Math.max(0, (this.#until.get(domain) ?? 0) - performance.now())
  }
}

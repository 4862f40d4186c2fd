// Group commit: what waits for the gate of one newsletter at the same moment goes into one transaction, and with it what the
// server has taken since. One transaction at a time: a second one could commit a connection's next message before its last
// is settled, and a crash would leave more unknown than there are connections (I5).
import { type GateAnswer, type GateQuestion, passGates } from '../consent/gate'
import { type SentMessage, settleSent } from '../deliveries/settle-sent'
import type { Log } from '../log'
import type { Packets } from '../packets'
import { step } from '../steps'

/** Longer IN lists make MariaDB change its plan, and with it the order of locks. */
const MAX_GROUP = 100
/** A message waits this long for company; a quarter of all connections waiting are company enough (measured). */
const WINDOW_MS = 5
/** With no gate to travel with, settlements go by themselves. */
const SETTLE_MS = 50
const AGAIN_MS = 250
/** Somebody holds a reader's row: asked again after a pause, for so long. */
const BUSY_PAUSE_MS = 20
const BUSY_MS = 5_000

interface Waiting {
  question: GateQuestion
  since: number
  resolve: (answer: GateAnswer) => void
  reject: (error: unknown) => void
}

interface Taken extends SentMessage {
  settled: () => void
}

export class GateQueue {
  #waiting: Waiting[] = []
  #taken: Taken[] = []
  #isBusy = false
  #isPlanned = false
  #window: NodeJS.Timeout | undefined
  #settling: NodeJS.Timeout | undefined
  readonly #company: number
  readonly #ids: { newsletterId: number }

  constructor(
    private readonly packets: Packets,
    private readonly newsletter: { newsletterId: number; purposeId: number },
    connections: number,
    private readonly log: Log,
  ) {
    this.#ids = { newsletterId: newsletter.newsletterId }
    this.#company = Math.min(MAX_GROUP, Math.max(1, Math.floor(connections / 4)))
  }

  /** The gate's answer for one message. Rejects when its transaction failed: then the message must not go. */
  ask(question: GateQuestion): Promise<GateAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, since: performance.now(), resolve, reject })
      this.#plan()
    })
  }

  /** A 2xx after the dot. Resolves when it is written; tries until it is. */
  sent(message: SentMessage): Promise<void> {
    step('settle.before', this.#ids)
    return new Promise(settled => {
      this.#taken.push({ ...message, settled })
      this.#planSettling(SETTLE_MS)
    })
  }

  #plan(): void {
    const [first] = this.#waiting
    if (this.#isBusy || this.#isPlanned || !first) return
    const waited = performance.now() - first.since
    if (this.#waiting.length >= this.#company || waited >= WINDOW_MS) {
      this.#isPlanned = true
      setImmediate(() => {
        this.#isPlanned = false
        void this.#flush()
      })
    } else this.#window ??= setTimeout(() => void this.#flush(), WINDOW_MS - waited)
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#window)
    this.#window = undefined
    if (this.#isBusy || this.#waiting.length === 0) return
    this.#isBusy = true
    const group = this.#waiting.splice(0, MAX_GROUP)
    const taken = this.#takeSettlements()
    try {
      const questions = group.map(one => one.question)
      step('gate.before', this.#ids)
      const answers = await passGates(this.packets, { ...this.newsletter, questions, sent: taken })
      step('gate.after', this.#ids)
      this.#settled(taken)
      for (const [index, answer] of answers.entries()) this.#answer(group[index], answer)
    } catch (error) {
      this.#putBack(taken)
      for (const one of group) one.reject(error)
    } finally {
      this.#isBusy = false
      this.#plan()
    }
  }

  #answer(waiting: Waiting | undefined, answer: GateAnswer): void {
    if (!waiting) return
    const isBusy = answer.kind === 'refused' && answer.reason === 'READER_BUSY'
    if (isBusy && performance.now() - waiting.since < BUSY_MS)
      setTimeout(() => this.#again(waiting), BUSY_PAUSE_MS)
    else waiting.resolve(answer)
  }

  #again(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#plan()
  }

  #planSettling(ms: number): void {
    this.#settling ??= setTimeout(() => void this.#settle(), ms)
  }

  async #settle(): Promise<void> {
    this.#settling = undefined
    if (this.#isBusy) return this.#planSettling(SETTLE_MS)
    const taken = this.#takeSettlements()
    if (taken.length === 0) return
    this.#isBusy = true
    try {
      await settleSent(this.packets, this.newsletter.newsletterId, taken)
      this.#settled(taken)
    } catch (error) {
      this.log.error({ err: error }, 'what was sent could not be written, trying again')
      this.#putBack(taken)
    } finally {
      this.#isBusy = false
      if (this.#taken.length > 0) this.#planSettling(SETTLE_MS)
      this.#plan()
    }
  }

  #settled(taken: readonly Taken[]): void {
    if (taken.length > 0) step('settle.after', this.#ids)
    for (const one of taken) one.settled()
  }

  #takeSettlements(): Taken[] {
    // All of them: one left behind is one more unknown after a crash.
    return this.#taken.splice(0)
  }

  #putBack(taken: Taken[]): void {
    this.#taken.unshift(...taken)
    if (taken.length > 0) this.#planSettling(AGAIN_MS)
  }
}

// Group commit: what waits for the gate at the same moment goes into one transaction, and with it what the server has taken
// since. One queue a worker and one transaction at a time: a second one could commit a connection's next message before its
// last is settled, and a crash would leave more unknown than there are connections (I5).
import { type GateAnswer, type GateQuestion, MAX_GROUP, passGates } from '../consent/gate'
import type { UnderFence } from '../deliveries/by-fence'
import { settleSent } from '../deliveries/settle-sent'
import type { Log } from '../log'
import type { Packets } from '../packets'
import { step } from '../steps'

/** A message waits this long for company; half of all connections waiting are company enough (measured). */
const WINDOW_MS = 10
/** With no gate to travel with, settlements go by themselves. */
const SETTLE_MS = 50
const AGAIN_MS = 250
/** Somebody holds a reader's row: asked again after a pause, for so long. */
const BUSY_PAUSE_MS = 20
const BUSY_MS = 5_000
/** So many messages go on at once after their gate; the sockets are looked at before the next (a message takes 0.1 ms). */
const SLICE = 10

interface Waiting {
  question: GateQuestion
  purposeId: number
  since: number
  resolve: (answer: GateAnswer) => void
  reject: (error: unknown) => void
}

interface Taken extends UnderFence {
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

  constructor(
    private readonly packets: Packets,
    connections: number,
    private readonly log: Log,
  ) {
    this.#company = Math.min(MAX_GROUP, Math.max(1, Math.floor(connections / 2)))
  }

  /** The gate's answer for one message. Rejects when its transaction failed: then the message must not go. */
  ask(question: GateQuestion, purposeId: number): Promise<GateAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, purposeId, since: performance.now(), resolve, reject })
      this.#plan()
    })
  }

  /** A 2xx after the dot. Resolves when it is written; tries until it is. */
  sent(message: UnderFence): Promise<void> {
    step('settle.before', idsOf(message.claim))
    return new Promise(settled => {
      this.#taken.push({ ...message, settled })
      this.#planSettling(SETTLE_MS)
    })
  }

  #plan(): void {
    const [first] = this.#waiting
    if (this.#isBusy || this.#isPlanned || !first) return
    if (this.#isDue()) {
      this.#isPlanned = true
      setImmediate(() => {
        this.#isPlanned = false
        void this.#flush()
      })
    } else
      this.#window ??= setTimeout(() => void this.#flush(), WINDOW_MS - (performance.now() - first.since))
  }

  #isDue(): boolean {
    const [first] = this.#waiting
    if (!first) return false
    return this.#waiting.length >= this.#company || performance.now() - first.since >= WINDOW_MS
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#window)
    this.#window = undefined
    if (this.#isBusy || this.#waiting.length === 0) return
    this.#isBusy = true
    const group = this.#takeGroup()
    const taken = this.#takeSettlements()
    let answers: GateAnswer[] | undefined
    let failure: unknown
    try {
      answers = await this.#pass(group, taken)
    } catch (error) {
      failure = error
    }
    this.#isBusy = false
    if (answers) this.#settled(taken)
    else this.#putBack(taken)
    // The next group is on its way before this one's messages are written: the database works meanwhile.
    if (this.#isDue()) void this.#flush()
    else this.#plan()
    if (answers) this.#release(group, answers)
    else for (const one of group) one.reject(failure)
  }

  /** The newsletter that has waited longest. */
  #takeGroup(): Waiting[] {
    const newsletterOf = ({ question }: Waiting) => question.claim.newsletterId
    const first = newsletterOf(this.#waiting[0] as Waiting)
    const group: Waiting[] = []
    const rest: Waiting[] = []
    for (const one of this.#waiting)
      (newsletterOf(one) === first && group.length < MAX_GROUP ? group : rest).push(one)
    this.#waiting = rest
    return group
  }

  async #pass(group: readonly Waiting[], sent: readonly UnderFence[]): Promise<GateAnswer[]> {
    const [{ question, purposeId }] = group as [Waiting]
    const { newsletterId } = question.claim
    step('gate.before', { newsletterId })
    const questions = group.map(one => one.question)
    const answers = await passGates(this.packets, { newsletterId, purposeId, questions, sent })
    step('gate.after', { newsletterId })
    return answers
  }

  #release(group: readonly Waiting[], answers: readonly GateAnswer[], from = 0): void {
    if (from >= group.length) return
    setImmediate(() => {
      for (let index = from; index < Math.min(from + SLICE, group.length); index++)
        this.#answer(group[index] as Waiting, answers[index] as GateAnswer)
      this.#release(group, answers, from + SLICE)
    })
  }

  #answer(waiting: Waiting, answer: GateAnswer): void {
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
      await settleSent(this.packets, taken)
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
    for (const one of taken) {
      step('settle.after', idsOf(one.claim))
      one.settled()
    }
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

const idsOf = ({ newsletterId }: UnderFence['claim']) => ({ newsletterId })

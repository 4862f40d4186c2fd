// One SMTP server: what waits for it, and the connections that carry it. It learns by itself how many the server allows.

import { step } from '../steps'
import { Lanes } from './smtp-lanes'
import { notConnected, type SmtpError } from './smtp-result'
import type { Session, Work } from './smtp-work'

export interface ServerOptions {
  connections: number
  /** A connection is closed after this many; servers drop those that carry too many. */
  messagesPerConnection: number
  idleMs: number
  open(): Promise<Session>
  /** No connection can be made and none is left: what waits is handed over, to go elsewhere if there is an elsewhere. */
  onDown(waiting: Work[], error: SmtpError): void
}

/** A server that refused a connection while others are open gets no more of them for this long. */
const LIMITED_MS = 60_000
/** Doubles with each failure: before that another server is asked first. */
const DOWN_MS = 1_000
const MAX_DOWN_MS = 30_000
/** A message that a connection was lost under this often is left to a later try. */
const MAX_LOST = 3

export class SmtpServer {
  readonly #waiting = new Lanes<Work>()
  readonly #idle: ((work: Work | undefined) => void)[] = []
  /** Connected or connecting, … */
  #open = 0
  /** … and those that have got through. */
  #ready = 0
  #limit: number
  #limitedUntil = 0
  #failures = 0
  /** A first attempt failed while others go on: no more of them until one has got through or the last has failed. */
  #isInDoubt = false
  #downUntil = 0
  #isClosed = false
  #underWay = 0
  #emptied: (() => void) | undefined

  constructor(private readonly options: ServerOptions) {
    this.#limit = options.connections
  }

  /** Whether its last attempt to connect failed a moment ago. */
  get isDown(): boolean {
    return this.#downUntil > performance.now()
  }

  /** Messages under way or waiting, for each of its connections. */
  get load(): number {
    return this.#underWay / this.options.connections
  }

  offer(offered: Work): void {
    this.#underWay++
    const end: Work['end'] = result => {
      this.#underWay--
      offered.end(result)
    }
    const work = { ...offered, end }
    const idle = this.#idle.pop()
    if (idle) return idle(work)
    this.#waiting.add(work)
    this.#grow()
  }

  /** Takes nothing new; resolves when every connection has ended what it carries. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const work of this.#waiting.drain()) work.end(notConnected(new Error('Sending has been closed')))
    for (const idle of this.#idle.splice(0)) idle(undefined)
    if (this.#open > 0) await new Promise<void>(resolve => (this.#emptied = resolve))
  }

  #grow(): void {
    if (this.#limitedUntil < performance.now()) this.#limit = this.options.connections
    if (this.#open >= this.#limit || this.#waiting.size === 0 || this.#isClosed || this.#isInDoubt) return
    this.#open++
    void this.#serve().finally(() => this.#ended())
  }

  #ended(): void {
    this.#open--
    this.#grow()
    if (this.#isClosed && this.#open === 0) this.#emptied?.()
  }

  /** The life of one connection. */
  async #serve(): Promise<void> {
    let session: Session
    try {
      session = await this.options.open()
    } catch (error) {
      return this.#failed(error as SmtpError)
    }
    step('connect.after')
    this.#ready++
    this.#isInDoubt = false
    this.#failures = 0
    this.#downUntil = 0
    let left = this.options.messagesPerConnection
    let wake = (_work: Work | undefined): void => {}
    session.onGone(() => wake(undefined))
    const counted = (work: Work | undefined) => {
      if (work) left--
      return work
    }
    const more = () => (left > 0 ? counted(this.#waiting.take()) : undefined)
    while (session.isUsable && left > 0) {
      const work = more() ?? counted(await this.#wait(listener => (wake = listener)))
      if (!work) break
      this.#grow()
      await session.carry(work, more, lost => this.#putBack(lost))
    }
    this.#ready--
    session.quit()
  }

  /** The next message, or undefined when there has been none for long, the server hung up or all is being closed. */
  #wait(listen: (wake: (work: Work | undefined) => void) => void): Promise<Work | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined)
    return new Promise(resolve => {
      const wake = (work: Work | undefined) => {
        clearTimeout(timer)
        const at = this.#idle.indexOf(wake)
        if (at >= 0) this.#idle.splice(at, 1)
        resolve(work)
      }
      const timer = setTimeout(() => wake(undefined), this.options.idleMs).unref()
      listen(wake)
      this.#idle.push(wake)
    })
  }

  #putBack(work: Work): void {
    if (++work.lost >= MAX_LOST) return work.end(notConnected(new Error('The connection was lost again')))
    if (this.#isClosed) return work.end(notConnected(new Error('Sending has been closed')))
    this.#waiting.putBack(work)
  }

  #failed(error: SmtpError): void {
    if (this.#ready > 0) {
      // The server is there and takes no more of us.
      this.#limit = this.#ready
      this.#limitedUntil = performance.now() + LIMITED_MS
      return
    }
    // The one that failed is itself still counted.
    this.#isInDoubt = this.#open > 1
    if (this.#isInDoubt) return
    this.#downUntil = performance.now() + Math.min(DOWN_MS * 2 ** this.#failures++, MAX_DOWN_MS)
    this.options.onDown(this.#waiting.drain(), error)
  }
}

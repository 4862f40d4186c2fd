// What the sink writes, in order, at once or slowly.
import type { Socket } from 'node:net'

interface Job {
  due: number
  text: string
  byteMs: number
  /** Done when everything before it has left. */
  action?: () => void
}

export class Replies {
  readonly #jobs: Job[] = []
  #isBusy = false

  constructor(public socket: Socket) {}

  /** The text, after so many milliseconds, then one byte per `byteMs`. */
  write(text: string, delayMs = 0, byteMs = 0): void {
    if (this.#jobs.length === 0 && delayMs === 0 && byteMs === 0) this.#put(text)
    else this.#add({ due: performance.now() + delayMs, text, byteMs })
  }

  /** Once all that was written before is on its way. */
  afterwards(action: () => void): void {
    this.#add({ due: 0, text: '', byteMs: 0, action })
  }

  #add(job: Job): void {
    this.#jobs.push(job)
    if (!this.#isBusy) this.#next()
  }

  #next(): void {
    this.#isBusy = true
    const [job] = this.#jobs
    if (!job) {
      this.#isBusy = false
      return
    }
    const wait = job.due - performance.now()
    // A timer may come a little early; less than a millisecond is not waited for again.
    if (wait >= 1) return void setTimeout(() => this.#next(), wait)
    this.#play(job, () => {
      this.#jobs.shift()
      this.#next()
    })
  }

  #play(job: Job, done: () => void): void {
    const { action } = job
    if (action) {
      this.#put('', () => {
        action()
        done()
      })
    } else if (job.byteMs === 0 || job.text === '') {
      this.#put(job.text)
      done()
    } else {
      this.#put(job.text.slice(0, 1))
      job.text = job.text.slice(1)
      setTimeout(() => this.#play(job, done), job.byteMs)
    }
  }

  #put(text: string, done?: () => void): void {
    if (this.socket.writable) this.socket.write(text, done)
    else done?.()
  }
}

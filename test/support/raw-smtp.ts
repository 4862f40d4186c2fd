// SMTP as bytes on a socket: exactly what a test sends, and exactly what comes back.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'

const REPLY = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/
const PATIENCE_MS = 5_000

export class RawSmtp {
  /** Bytes that came and were not taken as a reply. */
  rest = ''
  /** Undefined while the connection is open. */
  ending: 'FIN' | 'reset' | undefined
  #socket: Socket

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#listen()
  }

  #listen(): void {
    this.#socket.on('data', chunk => {
      this.rest += chunk.toString('utf8')
    })
    this.#socket.on('end', () => {
      this.ending ??= 'FIN'
    })
    this.#socket.on('error', () => {
      this.ending ??= 'reset'
    })
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes)
  }

  /** The next whole reply without its last line end; rejects when none comes. */
  async reply(): Promise<string> {
    const end = Date.now() + PATIENCE_MS
    for (;;) {
      const found = REPLY.exec(this.rest)?.[0]
      if (found !== undefined) {
        this.rest = this.rest.slice(found.length)
        return found.replace(/\r?\n$/, '')
      }
      if (this.ending || Date.now() > end) throw new Error(`No reply, ${this.ending}: ${this.rest}`)
      await sleep(2)
    }
  }

  /** The first three characters of the next replies. */
  async codes(count: number): Promise<string[]> {
    const codes: string[] = []
    while (codes.length < count) codes.push((await this.reply()).slice(0, 3))
    return codes
  }

  async ask(line: string): Promise<string> {
    this.send(`${line}\r\n`)
    return this.reply()
  }

  /** Waits until the connection has ended, or nothing more was said for so long. */
  async settle(quietMs = 150): Promise<void> {
    let seen = -1
    while (!this.ending && seen !== this.rest.length) {
      seen = this.rest.length
      await sleep(quietMs)
    }
  }

  /** TLS from here on; rejects when the certificate is not one to trust. */
  async secure(ca: string): Promise<void> {
    this.#socket.removeAllListeners('data')
    this.#socket = connectTls({ socket: this.#socket, host: '127.0.0.1', ca })
    await once(this.#socket, 'secureConnect')
    this.#listen()
  }

  close(): void {
    this.#socket.destroy()
  }
}

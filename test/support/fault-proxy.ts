// A TCP proxy in front of any server, whose network can be made slow, deaf or dead while connections are open.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type Direction = 'to-server' | 'to-client'

export interface FaultProxy {
  readonly port: number
  connectionCount(): number
  /** Milliseconds each way. */
  latency(ms: number): void
  /** The network is gone: open connections are reset, new ones refused, until `heal`. */
  cut(): Promise<void>
  /** Connections stay, and what is sent this way (both, if not said) is lost without a sign; so is the news of an end. */
  halfOpen(direction?: Direction): void
  /** So many bytes per second, each way and connection. */
  slow(bytesPerSecond: number): void
  /** Each connection is reset when it has carried so many more bytes, both ways together. */
  resetAfter(bytes: number): void
  /** Every open connection now; new ones are served. */
  reset(): void
  /** Everything works again. Connections whose bytes were lost are reset, as a real network's would be in the end. */
  heal(): Promise<void>
  close(): Promise<void>
}

interface Faults {
  latencyMs: number
  bytesPerSecond: number
  lost: readonly Direction[]
  bytesLeft: number
}

const NONE: Faults = { latencyMs: 0, bytesPerSecond: Infinity, lost: [], bytesLeft: Infinity }
const TICK_MS = 20
const MAX_WAITING = 1_000_000

/** One way of one connection: chunks in their order, each when it is due. */
class Flow {
  #waiting: { chunk: Buffer; due: number }[] = []
  #bytes = 0
  #isBusy = false
  #isEnding = false

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly faults: () => Faults,
  ) {}

  push(chunk: Buffer): void {
    this.#waiting.push({ chunk, due: Date.now() + this.faults().latencyMs })
    this.#bytes += chunk.length
    if (this.#bytes > MAX_WAITING) this.from.pause()
    if (!this.#isBusy) this.#next()
  }

  /** FIN, after what is under way. */
  end(): void {
    this.#isEnding = true
    if (!this.#isBusy) this.#next()
  }

  #next(): void {
    this.#isBusy = true
    const [head] = this.#waiting
    if (!head) {
      this.#isBusy = false
      if (this.#isEnding) setTimeout(() => this.to.end(), this.faults().latencyMs)
      return
    }
    const wait = head.due - Date.now()
    if (wait > 0) return void setTimeout(() => this.#next(), wait)
    this.#write(this.#cut(head))
  }

  /** As much of the first chunk as may leave in this tick. */
  #cut(head: { chunk: Buffer }): Buffer {
    const most = Math.max(1, Math.floor((this.faults().bytesPerSecond * TICK_MS) / 1000))
    const part = head.chunk.subarray(0, most)
    head.chunk = head.chunk.subarray(part.length)
    if (head.chunk.length === 0) this.#waiting.shift()
    this.#bytes -= part.length
    return part
  }

  #write(part: Buffer): void {
    const { bytesPerSecond } = this.faults()
    const pause = Number.isFinite(bytesPerSecond) ? (part.length * 1000) / bytesPerSecond : 0
    const isFree = this.to.writable ? this.to.write(part) : true
    if (this.#bytes <= MAX_WAITING) this.from.resume()
    if (!isFree) this.to.once('drain', () => this.#next())
    else if (pause > 0) setTimeout(() => this.#next(), pause)
    else this.#next()
  }
}

class Link {
  readonly #server: Socket
  #carried = 0
  #hasLost = false

  constructor(
    private readonly client: Socket,
    upstreamPort: number,
    private readonly faults: () => Faults,
    onClosed: () => void,
  ) {
    // The end of one way is passed on by hand; the other way may still be open.
    this.#server = connect({ port: upstreamPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    client.setNoDelay(true)
    const sockets = [client, this.#server]
    for (const socket of sockets)
      socket.on('close', () => {
        if (sockets.every(({ closed }) => closed)) onClosed()
      })
    this.#join(client, this.#server, 'to-server')
    this.#join(this.#server, client, 'to-client')
  }

  #join(from: Socket, to: Socket, direction: Direction): void {
    const flow = new Flow(from, to, this.faults)
    const isLost = () => {
      const lost = this.faults().lost.includes(direction)
      this.#hasLost ||= lost
      return lost
    }
    from.on('data', (chunk: Buffer) => {
      if (isLost()) return
      this.#carried += chunk.length
      if (this.#carried > this.faults().bytesLeft) this.reset()
      else flow.push(chunk)
    })
    from.on('end', () => isLost() || flow.end())
    from.on('error', () => isLost() || to.resetAndDestroy())
  }

  /** From now on the bytes that count against a limit. */
  startCounting(): void {
    this.#carried = 0
  }

  reset(): void {
    this.client.resetAndDestroy()
    this.#server.resetAndDestroy()
  }

  resetIfBroken(): void {
    if (this.#hasLost) this.reset()
  }
}

/** In front of a server on this machine's `upstreamPort`; listens on a free port of its own. */
export async function startFaultProxy(upstreamPort: number): Promise<FaultProxy> {
  let faults = NONE
  let connectionCount = 0
  const links = new Set<Link>()
  const accept = (client: Socket) => {
    connectionCount++
    const link: Link = new Link(
      client,
      upstreamPort,
      () => faults,
      () => links.delete(link),
    )
    links.add(link)
  }
  let server = await listen(accept, 0)
  const { port } = server.address() as AddressInfo
  const change = (changed: Partial<Faults>) => {
    faults = { ...faults, ...changed }
  }
  const reset = () => {
    for (const link of links) link.reset()
  }
  const stop = async () => {
    const isClosed = server.listening && once(server, 'close')
    server.close()
    reset()
    await isClosed
  }
  return {
    port,
    connectionCount: () => connectionCount,
    latency: latencyMs => change({ latencyMs }),
    slow: bytesPerSecond => change({ bytesPerSecond }),
    halfOpen: direction => change({ lost: direction ? [direction] : ['to-server', 'to-client'] }),
    resetAfter: bytesLeft => {
      for (const link of links) link.startCounting()
      change({ bytesLeft })
    },
    reset,
    cut: stop,
    heal: async () => {
      faults = NONE
      for (const link of links) link.resetIfBroken()
      if (!server.listening) server = await listen(accept, port)
    },
    close: stop,
  }
}

async function listen(accept: (client: Socket) => void, port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, accept).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

// One worker's delivering of one newsletter, as often as a test says, through an SMTP server and a transport of its choice.
import { setTimeout as sleep } from 'node:timers/promises'
import { createLog } from '../../src/log'
import { createPacer } from '../../src/mail/rate'
import { createHandOff, type TransportName } from '../../src/mail/smtp'
import type { SmtpTimes } from '../../src/mail/smtp-work'
import type { Packets } from '../../src/packets'
import type { WorkerContext } from '../../src/worker/context'
import { deliverNewsletter } from '../../src/worker/deliver-newsletter'
import { GateQueue } from '../../src/worker/gate-queue'
import { logTarget } from './leaks'
import type { Product } from './product'

export interface Deliverer {
  deliver(newsletterId: number): Promise<void>
  close(): Promise<void>
}

interface Options {
  url: string
  transport: TransportName
  /** Before every gate: a server that breaks in the body is then seen before the gate has passed. */
  gateMs?: number
  times?: Partial<SmtpTimes>
  /** On which gates are asked and messages settled; by default the product's. */
  packets?: Packets
}

export function createDeliverer(
  product: Product,
  { url, transport, gateMs = 0, times, packets = product.connections.packets }: Options,
): Deliverer {
  const { connections, config } = product
  const smtp = createHandOff({ servers: [{ url, weight: 1 }], connections: 2, transport, times })
  const log = createLog(config.logLevel, 'test', logTarget())
  const gatePackets = slowedDown(packets, gateMs)
  const context: WorkerContext = {
    ...connections,
    packets: gatePackets,
    config,
    log,
    smtp,
    gates: new GateQueue(gatePackets, smtp.connections, log),
    pacer: createPacer(config.sendLimits, connections.redis, connections.db),
    signer: undefined,
    deliver: () => false,
    isRedisThere: () => connections.redis.status === 'ready',
    stopping: new AbortController().signal,
  }
  return {
    deliver: newsletterId => deliverNewsletter(context, newsletterId),
    close: () => smtp.close(),
  }
}

const slowedDown = (packets: Packets, ms: number): Packets =>
  new Proxy(packets, {
    get(target, property) {
      if (property !== 'getConnection') return Reflect.get(target, property)
      return async () => {
        await sleep(ms)
        return target.getConnection()
      }
    },
  })

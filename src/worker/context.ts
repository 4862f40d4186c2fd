import type { Config } from '../config'
import type { Connections } from '../connections'
import type { Log } from '../log'
import type { Signer } from '../mail/dkim'
import type { Pacer } from '../mail/rate'
import type { HandOff } from '../mail/smtp'
import type { GateQueue } from './gate-queue'

/** What every handler gets. */
export interface WorkerContext extends Connections {
  config: Config
  log: Log
  smtp: HandOff
  gates: GateQueue
  pacer: Pacer
  /** Wakes the delivering of a newsletter in this worker; ends by itself when there is nothing to do. True: it has begun now. */
  deliver(newsletterId: number): boolean
  /** Where a DKIM key is configured: every message is signed. */
  signer: Signer | undefined
  /** Without Redis no rate holds: nothing is begun then (I7). */
  isRedisThere(): boolean
  /** Aborted on SIGTERM: take nothing new, end what is under way. */
  stopping: AbortSignal
}

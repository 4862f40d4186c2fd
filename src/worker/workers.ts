// The hand-written list: queue → handler. One queue and one Worker per kind of job.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Job, Worker } from 'bullmq'
import type { Config } from '../config'
import { type Connections, createRedis, REDIS_WAIT_MS } from '../connections'
import { type JobName, type Jobs, prefixOf } from '../jobs/queues'
import { type Log } from '../log'
import { createSigner } from '../mail/dkim'
import { createPacer } from '../mail/rate'
import { createHandOff } from '../mail/smtp'
import { step } from '../steps'
import type { WorkerContext } from './context'
import { DeliveriesUnderWay } from './deliveries-under-way'
import { expandNewsletter } from './expand-newsletter'
import { fulfilDataRequest } from './fulfil-data-request'
import { GateQueue } from './gate-queue'
import { startRedisPulse } from './redis-pulse'
import { sendNotice } from './send-notice'
import { startSweep } from './sweep'
import { warmUp } from './warm-up'
import { type Activity, createActivity, startWatchdog } from './watchdog'

type Handler<name extends JobName> = (context: WorkerContext, data: Jobs[name]) => Promise<void>

/** A wake-up that has started something is held for so long: idle workers take the others meanwhile. */
const LEFT_TO_OTHERS_MS = 200

const handlers: { [name in JobName]: { concurrency: number; handle: Handler<name> } } = {
  notice: { concurrency: 10, handle: (context, { noticeId }) => sendNotice(context, noticeId) },
  expand: { concurrency: 2, handle: (context, { newsletterId }) => expandNewsletter(context, newsletterId) },
  dataRequest: {
    concurrency: 2,
    handle: (context, { dataRequestId }) => fulfilDataRequest(context, dataRequestId),
  },
  // The job only wakes: how long delivering takes is not Redis' business.
  deliver: {
    concurrency: 1,
    handle: async (context, { newsletterId }) => {
      if (context.deliver(newsletterId)) await sleep(LEFT_TO_OTHERS_MS)
    },
  },
}

/** A Redis that is there and refuses (full, read-only) is asked again after so long. */
const REFUSED_MS = 1_000

/** BullMQ waits for a Redis that is away, but asks one that refuses again at once, thousands of times a second. */
class PatientWorker<name extends JobName> extends Worker<Jobs[name]> {
  protected override async moveToActive(token: string, workerName?: string): Promise<Job<Jobs[name]>> {
    try {
      return await super.moveToActive(token, workerName)
    } catch (error) {
      if (!this.closing) await sleep(REFUSED_MS, undefined, { ref: false })
      throw error
    }
  }
}

/** Starts taking jobs; `onDeaf` is called when the watchdog finds that none are taken any more. The returned function takes nothing new, lets what is under way end, and resolves. */
export function startWorkers(
  config: Config,
  connections: Connections,
  log: Log,
  onDeaf: () => void = () => {},
): () => Promise<void> {
  const stopping = new AbortController()
  const smtp = createHandOff({
    servers: config.smtpServers,
    connections: config.smtpConnections,
    transport: config.smtpTransport,
  })
  const activity = createActivity()
  const underWay = new DeliveriesUnderWay(activity)
  const pulse = startRedisPulse(connections.redis, log)
  const context: WorkerContext = {
    ...connections,
    config,
    log,
    smtp,
    gates: new GateQueue(connections.packets, config.smtpConnections, log),
    pacer: createPacer(config.sendLimits, connections.redis, connections.db),
    deliver: newsletterId => underWay.start(context, newsletterId),
    signer: config.dkim && createSigner(config.dkim),
    isRedisThere: pulse.isThere,
    stopping: stopping.signal,
  }
  // Workers wait for a Redis that is away as long as it takes.
  const redis = createRedis(config, log, { maxRetriesPerRequest: null })
  const start = <name extends JobName>(name: name) =>
    startWorker(name, handlers[name], context, redis, activity)
  const workers = [start('notice'), start('expand'), start('deliver'), start('dataRequest')]
  const stopSweep = startSweep(context)
  // Elsewhere workers come and go too often for it to be worth the second.
  if (config.production)
    warmUp(context).catch(error => log.error({ err: error }, 'the worker could not be warmed up'))
  const ownRedis = createRedis(config, log, { maxRetriesPerRequest: 1, enableOfflineQueue: false })
  const stopWatchdog = startWatchdog(context, ownRedis, activity.lastAt, onDeaf)
  return async () => {
    stopping.abort()
    stopWatchdog()
    pulse.stop()
    ownRedis.disconnect()
    const closed = Promise.allSettled(workers.map(worker => worker.close()))
    await stopSweep()
    await activity.ended()
    await smtp.close()
    // With Redis away, or just back, they would wait for it as long as it takes; what they have to tell it is no loss.
    await Promise.race([closed, sleep(REDIS_WAIT_MS, undefined, { ref: false })])
    redis.disconnect()
  }
}

function startWorker<name extends JobName>(
  name: name,
  { concurrency, handle }: (typeof handlers)[name],
  context: WorkerContext,
  redis: ReturnType<typeof createRedis>,
  activity: Activity,
): Worker<Jobs[name]> {
  const { log, config } = context
  const run = async (job: Job<Jobs[name]>) => {
    // What a job says is only a hint: one that names no id is dropped, one that names no row of ours finds none, and one
    // that comes while this worker stops is found again by a sweep.
    if (context.stopping.aborted || !namesIds(job.data)) return
    step('job.taken', job.data)
    await activity.during(() => handle(context, job.data))
    step('job.before-ack', job.data)
  }
  const worker = new PatientWorker<name>(name, run, {
    connection: redis,
    prefix: prefixOf(name),
    concurrency,
    lockDuration: config.leaseMs,
    stalledInterval: config.leaseMs,
    // A job whose worker was killed runs again as often as that happens: claims, not jobs, guard the work.
    maxStalledCount: 1_000_000,
  })
  worker.on('failed', (_job, error) => log.error({ queue: name, err: error }, 'job failed'))
  worker.on('error', error => log.debug({ queue: name, err: error }, 'worker error'))
  return worker
}

/** Every value of a payload is an id or a slot number; Redis may hold anything. */
const namesIds = (data: unknown): boolean =>
  typeof data === 'object' &&
  data !== null &&
  Object.values(data).length > 0 &&
  Object.values(data).every(value => Number.isSafeInteger(value) && value >= 0)

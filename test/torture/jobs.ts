// Jobs put into Redis directly: doubled, replayed and forged ones wake workers up and have no other effect (I7).
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { type JobName, jobOptions, prefixOf } from '../../src/jobs/queues'
import { dumpDatabase } from '../support/dump'
import { verifySame } from '../support/verify'
import type { Violation } from '../support/verify-index'
import { judge, type Verdict } from './judge'
import { nextIssue, type Rig, settleAll, startRig } from './rig'
import type { TimesOptions } from './sigterm'

const NAMES: readonly JobName[] = ['notice', 'expand', 'deliver']
const STRANGE = [999_999, 0, -1, 1.5, '1', '1 OR 1=1', null, [1], { id: 1 }, 2 ** 53]

export async function torturedByJobs(options: TimesOptions): Promise<Verdict> {
  const { seed, connections, times } = options
  const rig = await startRig({ seed, connections, readers: options.readers ?? 600, delayMs: 3 })
  const queues = NAMES.map(name => {
    const connection = { url: rig.product.config.redisUrls[0], lazyConnect: false }
    return [name, new Queue(name, { connection, prefix: prefixOf(name) })] as const
  })
  try {
    for (let n = 0; n < 2; n++) rig.workers.start()
    await nextIssue(rig)
    await nextIssue(rig)
    await pour(rig, queues, times, [...STRANGE, 1, 1, 1, 2, 2, 2, 3])
    await settleAll(rig)
    const violations = await withoutEffect(rig, () => pour(rig, queues, times, [...STRANGE, 1, 2, 1, 2]))
    const verdict = await judge(rig, 'jobs', { jobs: 2 * times }, { unknown: 0, undisturbed: true })
    verdict.violations.push(...violations)
    return verdict
  } finally {
    await Promise.all(queues.map(([, queue]) => queue.close()))
    await rig.stop()
  }
}

type Queues = readonly (readonly [JobName, Queue])[]

async function pour(rig: Rig, queues: Queues, times: number, values: readonly unknown[]): Promise<void> {
  const dice = rig.random('jobs')
  for (let n = 0; n < times; n++) {
    const [name, queue] = dice.pick(queues) ?? []
    const value = dice.pick(values)
    const data = dice.next() < 0.9 ? { newsletterId: value, noticeId: value, slot: n % 5 } : value
    if (name && queue) await queue.add(name, data, jobOptions)
    if (n % 50 === 0) await sleep(20)
  }
  for (const [, queue] of queues)
    while ((await queue.getJobCountByTypes('waiting', 'active', 'delayed')) > 0) await sleep(50)
}

/** After the end of every newsletter a job finds nothing to do. */
async function withoutEffect(rig: Rig, work: () => Promise<void>): Promise<Violation[]> {
  const before = await dumpDatabase(rig.product)
  const messages = rig.messages.length
  await work()
  const after = await dumpDatabase(rig.product)
  return verifySame({ ...before, messages }, { ...after, messages: rig.messages.length })
}

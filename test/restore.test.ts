import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readSeenEpoch, writeSeenEpoch } from '../src/consent/epoch'
import { DeliveryStatus } from '../src/entities/delivery'
import { Epoch } from '../src/entities/epoch'
import { Site } from '../src/entities/site'
import {
  makeNewsletter,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  type Staff,
  scheduleNow,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import { dumpToFile, restoreFromFile } from './support/backup'
import { allReaders, type KnownReader, makeReaders, unsubscribeToken } from './support/bulk-readers'
import {
  deliveredOf,
  newsletterOf,
  rowsOf,
  until,
  untilReceived,
  untilSettled,
  untilStatus,
} from './support/checker'
import { runWeinterrupt } from './support/command'
import { type Product, startProduct, sweeps } from './support/product'
import { eventsOf, noticesOf, suppressionsOf } from './support/rows'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

const READERS = 400

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct({ worker: false, sink: { delayMs: 8 }, env: { LEASE_SECONDS: '1' } })
  admin = await makeStaff(product, 'ADMIN')
})
afterEach(() => endWorkerProcesses())
afterAll(() => product?.stop())

const site = (): Promise<Site> => product.connections.db.manager.findOneByOrFail(Site, { id: 1 })
const isHeld = async (): Promise<boolean> => (await site()).heldAt !== null
const journal = (): string => readFileSync(join(product.config.stateDir, 'deny.jsonl'), 'utf8')
const present = async (): Promise<Epoch> => {
  const found = (await product.connections.db.manager.find(Epoch)).find(one => !one.endedAt)
  if (!found) throw new Error('No epoch')
  return found
}
const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'weinterrupt-state-'))

/** A worker that has looked whether the database is ours, and renewed its generation. */
async function startedWorker(env: NodeJS.ProcessEnv = {}) {
  const { generation } = await present()
  const worker = startWorkerProcess(product, env)
  await until(async () => (await present()).generation > generation, 'a new generation')
  return worker
}

async function scheduled(slug: string, readers: number): Promise<{ id: string; readers: KnownReader[] }> {
  const topic = await makeTopic(product, admin, slug)
  const made = await makeReaders(product, readers, { purposes: [`topic:${slug}`] })
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  return { id, readers: made }
}

async function unsubscribe(id: string, reader: KnownReader): Promise<void> {
  const token = await unsubscribeToken(product, id, reader)
  const answer = await fetch(`${product.url}/u/${token}`, {
    method: 'POST',
    body: 'List-Unsubscribe=One-Click',
  })
  expect(answer.status).toBe(200)
}

const control = async (id: string, call: string): Promise<AnyData> => {
  const query = `mutation ($id: ID!) { done: ${call} { newsletter { status } userErrors { code } } }`
  return (await ok(product, query, { id }, { token: admin.token })).done
}
const resume = (id: string): Promise<AnyData> => control(id, 'newsletterResume(id: $id)')
const pause = (id: string): Promise<AnyData> => control(id, 'newsletterPause(id: $id, reason: "not yet")')

async function readiness(): Promise<AnyData> {
  return (await fetch(`${product.url}/readyz`)).json()
}

/** As if the file had been lost or the database restored, and the worker had noticed. */
async function holdByAnotherState(): Promise<string> {
  const stateDir = emptyFolder()
  const worker = startWorkerProcess(product, { STATE_DIR: stateDir })
  await until(isHeld, 'the site is held')
  await worker.end('SIGTERM')
  return stateDir
}

test('after a restore nothing is sent until the release, which takes back again what readers took back meanwhile', async () => {
  const { id } = await scheduled('restored', READERS)
  const worker = await startedWorker()
  await untilReceived(product, id, READERS / 2)
  const dump = await dumpToFile(product)
  const queued = (await rowsOf(product, id)).filter(row => row.status === DeliveryStatus.QUEUED)
  const readers = new Map((await allReaders(product)).map(reader => [reader.id, reader]))
  const last = queued.slice(-2).map(row => readers.get(row.readerId))
  const [left, blocked] = last
  if (!left || !blocked) throw new Error('Everybody had got it already')
  await unsubscribe(id, left)
  expect((await runWeinterrupt(product.env, 'suppress', 'add', blocked.email)).code).toBe(0)
  await untilStatus(product, id, 'SENT')
  await until(() => journal().split('\n').length > 2, 'both are in the journal')
  expect(journal()).not.toContain('@')
  await worker.end('SIGTERM')
  const before = product.sink.received.length

  await restoreFromFile(product, dump)
  const inDump = await rowsOf(product, id)
  const restored = startWorkerProcess(product)
  await until(isHeld, 'the site is held')
  const newcomer = await registerInput(product, ['topic:restored'])
  expect((await register(product, newcomer)).accepted).toBe(true)
  await sweeps(3)
  expect(product.sink.received).toHaveLength(before)
  expect(await newsletterOf(product, id)).toMatchObject({ status: 'PAUSED', pauseReason: 'RESTORED' })
  expect(await noticesOf(product, newcomer.email)).toMatchObject([{ state: 'queued' }])
  expect((await runWeinterrupt(product.env, 'status')).out).toMatch(/^Held since .*restored/)
  expect(JSON.parse((await runWeinterrupt(product.env, 'status', '--json')).out)).toMatchObject({
    held: true,
  })
  expect(await readiness()).toMatchObject({ status: 'degraded', checks: { released: false } })
  // Whoever resumes before the release gets nothing out either.
  await resume(id)
  await sweeps(2)
  expect(product.sink.received).toHaveLength(before)
  await pause(id)

  const released = await runWeinterrupt(product.env, 'release', '--reason', 'disk replaced')
  expect(released).toMatchObject({ code: 0 })
  expect(released.out).toContain('Replayed 1 withdrawals and 1 suppressions')
  expect(await present()).toMatchObject(epochOf(readSeenEpoch(product.config.stateDir)))
  await until(async () => (await noticesOf(product, newcomer.email))[0]?.state === 'sent', 'the notice went')
  await sweeps(2)
  expect(product.sink.received).toHaveLength(before + 1)
  expect((await newsletterOf(product, id)).status).toBe('PAUSED')
  const event = (await eventsOf(product, left.email)).at(-1)
  expect(event).toMatchObject({ toState: 'ConsentWithdrawn', surface: 'STAFF' })
  expect(JSON.parse(event?.evidence ?? '')).toHaveProperty('replayOf')
  expect(await suppressionsOf(product, blocked.email)).toEqual(['MANUAL'])

  const sentBefore = deliveredOf(product, id).length
  expect(await resume(id)).toMatchObject({ newsletter: { status: 'SENDING' }, userErrors: [] })
  await untilStatus(product, id, 'SENT')
  await untilSettled(product, id)
  const open = inDump.filter(
    row => row.status === DeliveryStatus.QUEUED && ![left.id, blocked.id].includes(row.readerId),
  )
  const again = deliveredOf(product, id).slice(sentBefore)
  expect(again.map(({ to }) => to[0]).sort()).toEqual(
    open.map(row => readers.get(row.readerId)?.email ?? '').sort(),
  )
  expect(open.length).toBeGreaterThan(0)
  await restored.end('SIGTERM')
  expect(await runWeinterrupt(product.env, 'release', '--reason', 'again')).toMatchObject({
    code: 1,
    err: 'The site is not held: there is nothing to release.\n',
  })
})

const epochOf = (seen: ReturnType<typeof readSeenEpoch>) => ({ id: seen?.epoch })

test('a database that STATE_DIR does not know is held, and released only with its journal or expressly without', async () => {
  await makeReaders(product, 1, { purposes: ['personalisation'] })
  const stateDir = await holdByAnotherState()
  const env = { ...product.env, STATE_DIR: stateDir }

  const refused = await runWeinterrupt(env, 'release', '--reason', 'a new host')
  expect(refused.code).toBe(1)
  expect(refused.err).toMatch(/^There is no deny journal/)
  expect(await isHeld()).toBe(true)

  expect(await runWeinterrupt(env, 'release', '--reason', 'a new host', '--without-journal')).toMatchObject({
    code: 0,
  })
  expect(await isHeld()).toBe(false)
  // Both hosts go on: the first one's file is part of the released past.
  for (const known of [stateDir, product.config.stateDir]) {
    const worker = await startedWorker({ STATE_DIR: known })
    await worker.end('SIGTERM')
    expect(await isHeld()).toBe(false)
    expect(readSeenEpoch(known)?.epoch).toBe((await present()).id)
  }
})

test('a damaged journal stops the release before anything is changed, and names the line', async () => {
  await holdByAnotherState()
  const file = join(product.config.stateDir, 'deny.jsonl')
  const whole = readFileSync(file, 'utf8')
  const lines = whole.split('\n').length
  writeFileSync(file, `${whole}{"at":"yesterday"}\n`)
  const epoch = await present()

  const refused = await runWeinterrupt(product.env, 'release', '--reason', 'try')

  expect(refused).toMatchObject({ code: 1 })
  expect(refused.err).toContain(`line ${lines} cannot be read`)
  expect(await isHeld()).toBe(true)
  expect(await present()).toEqual(epoch)
  writeFileSync(file, whole)
  expect((await runWeinterrupt(product.env, 'release', '--reason', 'repaired')).code).toBe(0)
})

test('restarts, kills, a crash between the two writes of the epoch and workers started at once hold nothing', async () => {
  const { stateDir } = product.config
  for (const signal of ['SIGTERM', 'SIGKILL', 'SIGKILL'] as const) {
    const worker = await startedWorker()
    await sleep(Math.random() * 600)
    await worker.end(signal)
  }
  const { id, generation } = await present()
  writeSeenEpoch(stateDir, { epoch: id, generation: generation - 1 })
  await (await startedWorker()).end('SIGKILL')
  const together = await Promise.all([startedWorker(), startedWorker(), startedWorker()])
  await sweeps(3)
  expect(await isHeld()).toBe(false)
  await Promise.all(together.map(worker => worker.end('SIGTERM')))
  expect(readSeenEpoch(stateDir)?.epoch).toBe(id)
})

test('a running worker recognises a restore at its next sweep', async () => {
  const { id, readers } = await scheduled('under', 5)
  await startedWorker()
  await untilStatus(product, id, 'SENT')
  const dump = await dumpToFile(product)
  const { generation } = await present()
  await until(async () => (await present()).generation > generation + 1, 'the next generations')
  await restoreFromFile(product, dump)
  await until(isHeld, 'the site is held')
  expect(readers).toHaveLength(5)
  expect((await runWeinterrupt(product.env, 'release', '--reason', 'drill')).code).toBe(0)
})

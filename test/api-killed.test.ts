import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { AuditEvent } from '../src/entities/audit-event'
import {
  fetchNewsletter,
  makeNewsletter,
  makeStaff,
  makeTopic,
  REGISTER,
  registerInput,
  SCHEDULE,
  type Staff,
  scheduleInput,
} from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { checkNewsletter, newsletterOf, until, untilStatus } from './support/checker'
import { freePort } from './support/free-port'
import { outputOf } from './support/leaks'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct, sweeps } from './support/product'
import { noticesOf, registrationsOf } from './support/rows'

const READERS = 5

let product: Product
let admin: Staff
let topicId: string
const apis: DoomedApi[] = []

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  topicId = (await makeTopic(product, admin, 'weekly')).id
  await makeReaders(product, READERS)
})
afterAll(async () => {
  for (const api of apis) await api.end()
  await product?.stop()
})

/** At which moment it dies: MariaDB has not heard of the commit, or has said that it is done and the API has not heard that. */
type Moment = 'before' | 'after'

interface DoomedApi {
  url: string
  /** Its exit code and signal. */
  killed: Promise<unknown[]>
  end(): Promise<void>
}

/** What the transactions are known by: a connection that has sent one of these is looked at until its COMMIT. */
const WORDS = ['INSERT INTO `registration`', "'SCHEDULED'"]

/** A process of its own, killed when as many transactions as there are words have come to their moment. */
async function startDoomedApi(moment: Moment): Promise<DoomedApi> {
  let left = WORDS.length
  const gate = await startGate(moment, () => void (--left === 0 && child.kill('SIGKILL')))
  const databaseUrl = new URL(String(product.env.DATABASE_URL))
  databaseUrl.port = String(gate.port)
  const port = await freePort()
  const child = spawn(process.execPath, ['dist/api/main.js'], {
    env: { PATH: process.env.PATH, ...product.env, PORT: String(port), DATABASE_URL: databaseUrl.href },
    stdio: ['ignore', outputOf(), outputOf()],
  })
  const killed = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  const end = async () => {
    child.kill('SIGKILL')
    await killed
    gate.close()
  }
  apis.push({ url, killed, end })
  const isUp = () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(isUp, 'the API answers')
  return { url, killed, end }
}

/** Between an API and MariaDB; of a transaction that has come to its moment it lets nothing more through. */
async function startGate(moment: Moment, onMoment: () => void): Promise<{ port: number; close(): void }> {
  const upstream = Number(new URL(String(product.env.DATABASE_URL)).port)
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const mariadb = connect(upstream, '127.0.0.1')
    let state: 'open' | 'watched' | 'commits' | 'shut' = 'open'
    const shut = () => {
      state = 'shut'
      onMoment()
    }
    client.on('data', chunk => {
      if (state === 'open' && WORDS.some(words => chunk.includes(words))) state = 'watched'
      else if (state === 'watched' && chunk.includes('COMMIT')) state = 'commits'
      if (state === 'commits' && moment === 'before') shut()
      if (state !== 'shut') mariadb.write(chunk)
    })
    mariadb.on('data', chunk => {
      if (state === 'commits') shut()
      if (state !== 'shut') client.write(chunk)
    })
    client.on('close', () => mariadb.destroy())
    mariadb.on('close', () => client.destroy())
    for (const socket of [client, mariadb]) sockets.add(socket.on('error', () => {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

const moments: [moment: Moment, rows: number][] = [
  ['before', 0],
  ['after', 1],
]

describe.each(moments)('of an API that is killed just %s MariaDB commits', (moment, rows) => {
  const sendAt = new Date(Date.now() + 3_600_000).toISOString()
  let signUp: AnyData
  let id: string
  let schedule: AnyData

  beforeAll(async () => {
    signUp = await registerInput(product, ['topic:weekly'])
    id = (await makeNewsletter(product, admin, topicId)).id
    schedule = scheduleInput(await fetchNewsletter(product, admin, id), { sendAt })
    const api = await startDoomedApi(moment)
    const answers = await Promise.allSettled([
      graphql(api, REGISTER, { input: signUp }),
      graphql(api, SCHEDULE, { id, input: schedule }, admin),
    ])
    expect(answers).toMatchObject(Array(2).fill({ status: 'rejected', reason: { message: 'fetch failed' } }))
    expect(await api.killed).toEqual([null, 'SIGKILL'])
  })

  test('a sign-up that is sent again to another, with its key, is one request and one mail', async () => {
    expect(await registrationsOf(product, signUp.email)).toHaveLength(rows)
    expect(await noticesOf(product, signUp.email)).toHaveLength(rows)
    for (let n = 0; n < 2; n++)
      expect((await ok(product, REGISTER, { input: signUp })).readerRegister).toEqual({
        accepted: true,
        retryAfterSeconds: null,
        userErrors: [],
      })
    await waitForMail(product, signUp.email)
    await sweeps(2)
    expect(await registrationsOf(product, signUp.email)).toHaveLength(1)
    expect(await noticesOf(product, signUp.email)).toHaveLength(1)
    expect(mailsTo(product, signUp.email)).toHaveLength(1)
  })

  test('a schedule that is sent again to another, with its key, is one newsletter scheduled once', async () => {
    const { manager } = product.connections.db
    const stored = async () => ({
      newsletter: await newsletterOf(product, id),
      audited: await manager.countBy(AuditEvent, { action: 'newsletter.schedule', target: id }),
    })
    const first = await stored()
    expect([first.newsletter.status, first.audited]).toEqual([rows ? 'SCHEDULED' : 'DRAFT', rows])
    for (let n = 0; n < 2; n++)
      expect((await ok(product, SCHEDULE, { id, input: schedule }, admin)).newsletterSchedule).toMatchObject({
        newsletter: { id, status: 'SCHEDULED', schedule: { sendAt } },
        userErrors: [],
      })
    const then = await stored()
    expect([then.newsletter.status, then.audited]).toEqual(['SCHEDULED', 1])
    if (rows) expect(then).toEqual(first)
    await manager.query('UPDATE newsletter SET send_at = UTC_TIMESTAMP(3) WHERE public_id = ?', [id])
    await untilStatus(product, id, 'SENT')
    expect(await checkNewsletter(product, id)).toMatchObject({ sent: READERS, unknown: 0 })
  })
})

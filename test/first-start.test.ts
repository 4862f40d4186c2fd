import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import mysql from 'mysql2/promise'
import { readSeenEpoch } from '../src/consent/epoch'
import { migrate } from '../src/database/migrate'
import { ok } from './support/api'
import { outputOf } from './support/leaks'
import { emptyEnvironment } from './support/product'
import { startSmtpSink } from './support/smtp-sink'

const children: ChildProcess[] = []
const start = (name: string, env: NodeJS.ProcessEnv): ChildProcess => {
  const child = spawn(process.execPath, [resolve(__dirname, `../dist/${name}/main.js`)], {
    env,
    stdio: ['ignore', outputOf(), outputOf()],
  })
  children.push(child)
  return child
}
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null) continue
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
})

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const status = await fetch(`${url}/readyz`).then(
      answer => answer.status,
      () => 0,
    )
    if (status === 200) return
    await new Promise(resume => setTimeout(resume, 100))
  }
  throw new Error('not ready')
}

test('API and worker started together on an empty database set it up once and serve', async () => {
  const sink = await startSmtpSink()
  const env = { ...process.env, ...(await emptyEnvironment(sink.url)) }
  start('worker', env)
  start('api', env)
  start('worker', env)
  const url = `http://127.0.0.1:${env.PORT}`
  await untilReady(url)

  const { site } = await ok({ url }, '{ site { name policy { version } purposes { key version } } }')

  expect(site).toMatchObject({ policy: { version: '1' }, purposes: [{ key: 'personalisation', version: 1 }] })
  expect(children.map(child => child.exitCode)).toEqual([null, null, null])
  const runtime = await mysql.createConnection(String(env.DATABASE_URL))
  const [[row]] = await runtime.query<mysql.RowDataPacket[]>(
    'SELECT s.held_at, e.id FROM site s JOIN epoch e ON e.ended_at IS NULL',
  )
  await runtime.end()
  expect({ heldAt: row?.held_at, epoch: row?.id }).toEqual({
    heldAt: null,
    epoch: readSeenEpoch(String(env.STATE_DIR))?.epoch,
  })
  await sink.close()
})

test('after the migration a process needs no more than the rights of the runtime account', async () => {
  const sink = await startSmtpSink()
  const { DATABASE_MIGRATION_URL, ...env } = await emptyEnvironment(sink.url)
  await migrate(String(DATABASE_MIGRATION_URL), String(env.DATABASE_URL))

  start('api', { ...process.env, ...env })
  await untilReady(`http://127.0.0.1:${env.PORT}`)

  const runtime = await mysql.createConnection(String(env.DATABASE_URL))
  await expect(runtime.query('CREATE TABLE theft (id int)')).rejects.toThrow(/denied/)
  await expect(runtime.query('DELETE FROM consent_event')).rejects.toThrow(/denied/)
  await expect(runtime.query('UPDATE policy_version SET html = ""')).rejects.toThrow(/denied/)
  await runtime.end()
  await sink.close()
})

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { createTransport } from 'nodemailer'
import { startDatabases } from '../src/local/databases'
import { lockFolder } from '../src/local/folder'
import { keepKeys } from '../src/local/keys'
import { startMailbox } from '../src/local/mailbox'
import { choosePort, isFree } from '../src/local/ports'

const root = resolve(__dirname, '..')
const cleanups: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (let clean = cleanups.pop(); clean; clean = cleanups.pop()) await clean()
})

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'weinterrupt-local-'))
  cleanups.push(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }))
  return dir
}

async function databases(dir: string) {
  const started = await startDatabases({ dir, durable: false })
  cleanups.push(() => started.stop())
  return started
}

async function query(url: string, sql: string): Promise<unknown> {
  const connection = await createConnection(url)
  try {
    return (await connection.query(sql))[0]
  } finally {
    await connection.end()
  }
}

const portOf = (url: string) => Number(new URL(url).port)
const databasePids = (dir: string) =>
  ['maria/maria.pid', 'redis/redis.pid']
    .map(name => join(dir, name))
    .filter(existsSync)
    .map(file => Number(readFileSync(file, 'utf8')))

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(what: () => boolean, withinMs = 15_000): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end; await pause(50)) if (what()) return
  throw new Error(`not within ${withinMs} ms: ${what}`)
}

/** Another node process that starts databases in `dir` with the built code, and lives until it is killed. */
async function otherProcess(dir: string): Promise<ChildProcess> {
  const code = `require(${JSON.stringify(join(root, 'dist/local/databases.js'))})
    .startDatabases({ dir: ${JSON.stringify(dir)}, durable: false })
    .then(() => { console.log('up'); setInterval(() => {}, 1000) })`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  cleanups.push(async () => {
    child.kill('SIGKILL')
    await until(() => !databasePids(dir).some(isAlive))
  })
  await new Promise((up, failed) => {
    child.stdout?.once('data', up)
    child.once('exit', failed)
  })
  return child
}

test('the runtime account can read and change only what the owner grants', async () => {
  const started = await databases(folder())
  await query(started.databaseMigrationUrl, 'CREATE TABLE fact (id INT PRIMARY KEY)')
  await expect(query(started.databaseUrl, 'SELECT * FROM fact')).rejects.toThrow(/denied/)

  await query(started.databaseMigrationUrl, "GRANT SELECT, INSERT ON fact TO 'weinterrupt'@'127.0.0.1'")

  await query(started.databaseUrl, 'INSERT INTO fact VALUES (1)')
  await expect(query(started.databaseUrl, 'DELETE FROM fact')).rejects.toThrow(/denied/)
  expect(await query(started.databaseUrl, 'SELECT * FROM fact')).toEqual([{ id: 1 }])
})

test('nobody gets in without a password', async () => {
  const started = await databases(folder())
  const port = portOf(started.databaseUrl)
  await expect(query(`mysql://root@127.0.0.1:${port}`, 'SELECT 1')).rejects.toThrow(/denied/)
  await expect(query(`mysql://weinterrupt@127.0.0.1:${port}`, 'SELECT 1')).rejects.toThrow(/denied/)
})

test('data outlives a stop and a start, on the same ports', async () => {
  const dir = folder()
  const first = await startDatabases({ dir, durable: true })
  await query(first.databaseMigrationUrl, 'CREATE TABLE kept (id INT PRIMARY KEY)')
  await first.stop()

  const second = await databases(dir)

  expect(second.databaseUrl).toBe(first.databaseUrl)
  expect(await query(second.databaseMigrationUrl, 'SHOW TABLES')).toHaveLength(1)
})

test('a SIGKILLed parent leaves no database process behind', async () => {
  const dir = folder()
  const parent = await otherProcess(dir)
  const pids = databasePids(dir)
  expect(pids.map(isAlive)).toEqual([true, true])

  parent.kill('SIGKILL')

  await until(() => !pids.some(isAlive))
})

test('a stale owner does not block the next start, even right after its SIGKILL', async () => {
  const dir = folder()
  const parent = await otherProcess(dir)
  parent.kill('SIGKILL')
  await until(() => parent.signalCode !== null)

  const started = await databases(dir)

  expect(await query(started.databaseMigrationUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('an owner whose number now belongs to another process counts as stale', () => {
  const dir = folder()
  writeFileSync(join(dir, 'owner.json'), JSON.stringify({ pid: process.ppid, startedAt: '1' }))
  const unlock = lockFolder(dir)
  unlock()
  expect(existsSync(join(dir, 'owner.json'))).toBe(false)
})

test('a second start in the same folder says who is running and where', async () => {
  const dir = folder()
  const parent = await otherProcess(dir)
  writeFileSync(join(dir, 'ports.json'), JSON.stringify({ port: 4321 }))
  const second = startDatabases({ dir, durable: false })
  await expect(second).rejects.toThrow(`process ${parent.pid} at http://127.0.0.1:4321`)
})

test('a half-written data folder is rebuilt', async () => {
  const dir = folder()
  mkdirSync(join(dir, 'maria.new/mysql'), { recursive: true })
  writeFileSync(join(dir, 'maria.new/ibdata1'), 'half')
  mkdirSync(join(dir, 'maria'))
  writeFileSync(join(dir, 'maria/ibdata1'), 'half')

  const started = await databases(dir)

  expect(await query(started.databaseMigrationUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  expect(existsSync(join(dir, 'maria.new'))).toBe(false)
  // What may have been somebody's data was put aside, not deleted.
  expect(readdirSync(dir).filter(name => name.startsWith('maria.unfinished-'))).toHaveLength(1)
})

test('a durable data folder that does not start is kept, and the log says why', async () => {
  const dir = folder()
  await (await startDatabases({ dir, durable: true })).stop()
  writeFileSync(join(dir, 'maria/ibdata1'), 'damaged')

  await expect(startDatabases({ dir, durable: true })).rejects.toThrow(/does not start:[\s\S]*InnoDB/)

  expect(readFileSync(join(dir, 'maria/ibdata1'), 'utf8')).toBe('damaged')
})

test('a throw-away data folder that does not start is made anew', async () => {
  const dir = folder()
  await (await startDatabases({ dir, durable: false })).stop()
  writeFileSync(join(dir, 'maria/ibdata1'), 'damaged')
  const started = await databases(dir)
  expect(await query(started.databaseMigrationUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('two folders run side by side', async () => {
  const [one, two] = await Promise.all([databases(folder()), databases(folder())])
  await query(one.databaseMigrationUrl, 'CREATE TABLE only_here (id INT)')
  expect(await query(two.databaseMigrationUrl, 'SHOW TABLES')).toEqual([])
  expect(one.redisUrl).not.toBe(two.redisUrl)
})

test('a taken port is replaced', async () => {
  const dir = folder()
  const port = await choosePort(dir, 'mariadb')
  const other = createServer().listen(port, '127.0.0.1')
  cleanups.push(() => other.close())
  await until(() => other.listening)
  expect(await isFree(port)).toBe(false)

  const started = await databases(dir)

  expect(portOf(started.databaseUrl)).not.toBe(port)
})

test('files with secrets are readable by their owner only', async () => {
  const dir = folder()
  await databases(dir)
  keepKeys(join(dir, 'state'))
  const open = spawnSync('find', [dir, '-type', 'f', '-name', '*.json', '-perm', '/077'], {
    encoding: 'utf8',
  })
  expect(open.stdout).toBe('')
})

test('the keys are made once, and damaged ones are never replaced', () => {
  const dir = folder()
  const keys = keepKeys(dir)
  expect(keepKeys(dir)).toEqual(keys)
  expect(Buffer.from(keys.secretKeys.slice(2), 'base64')).toHaveLength(32)

  writeFileSync(join(dir, 'keys.json'), '{"secretKeys":')

  expect(() => keepKeys(dir)).toThrow(/damaged/)
})

describe('the mailbox', () => {
  async function mailbox(dir = folder(), limit?: number) {
    const started = await startMailbox({ dir, limit })
    cleanups.push(() => started.stop())
    return started
  }

  async function deliver(smtpUrl: string, mail: { to: string; subject?: string; html?: string }) {
    const transport = createTransport(smtpUrl)
    await transport.sendMail({ from: 'News <news@example.org>', subject: 'Hello', text: 'Plain', ...mail })
    transport.close()
  }

  const json = async (url: string) => (await fetch(url)).json()

  test('keeps what SMTP delivered and shows it as JSON', async () => {
    const { smtpUrl, url } = await mailbox()
    await deliver(smtpUrl, { to: 'Ann <ann@example.org>', subject: 'Grüße ☀', html: '<p>Hi</p>' })
    await deliver(smtpUrl, { to: 'bob@example.org' })

    const found = (await json(`${url}/api/mails?to=ANN@example.org`)) as { url: string; id: string }[]

    expect(found).toMatchObject([{ to: 'ann@example.org', subject: 'Grüße ☀' }])
    const mail = await json(`${url}/api/mails/${found[0]?.id}`)
    expect(mail).toMatchObject({ html: '<p>Hi</p>', text: 'Plain', headers: { 'mime-version': '1.0' } })
    expect(await json(`${url}/api/mails`)).toHaveLength(2)
    expect(await (await fetch(`${found[0]?.url}`)).text()).toContain('Grüße ☀')
  })

  test('keeps its mails over a restart, and only the newest of them', async () => {
    const dir = folder()
    const first = await startMailbox({ dir })
    for (const name of ['a', 'b', 'c']) await deliver(first.smtpUrl, { to: `${name}@example.org` })
    await first.stop()

    const second = await mailbox(dir, 2)

    expect(second.list().map(mail => mail.to)).toEqual(['c@example.org', 'b@example.org'])
    expect(readdirSync(join(dir, 'mail')).filter(name => name.endsWith('.eml'))).toHaveLength(2)
  })

  test('shows a mail without letting it run anything or replace the page', async () => {
    const { smtpUrl, url } = await mailbox()
    const html = '<script>alert(1)</script><a href="https://example.org" target="_top">x</a>'
    await deliver(smtpUrl, { to: 'ann@example.org', subject: '<img src=x onerror=alert(1)>', html })

    const page = await (await fetch(`${url}/mails/1`)).text()
    const body = await fetch(`${url}/mails/1/body`)

    expect(page).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"')
    expect(page).not.toContain('<img')
    expect(body.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox allow-popups/)
    expect(await body.text()).toContain('<a target="_blank" rel="noopener" href="https://example.org">')
  })

  test('refuses a foreign host name, which another site could point here', async () => {
    const { url } = await mailbox()
    const status = await new Promise(answered =>
      get(url, { headers: { host: 'evil.example' } }, answer => answered(answer.resume().statusCode)),
    )
    expect(status).toBe(403)
  })
})

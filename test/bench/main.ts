// `npm run bench`: what the send engine does on this machine, next to what others do on it. See README.md here.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiTable, measureApi } from './api'
import { CheckFailed } from './checker'
import { type Options, readOptions, usage } from './options'
import { killAll, say } from './processes'
import { figures, type Measurements } from './report'
import { runRounds } from './rounds'
import { expansion, heaps, secondWorker, underWithdrawals } from './single'
import { type Servers, startServers } from './site'
import { table } from './table'
import { provideTools } from './tools'

let dir: string | undefined
let servers: Servers | undefined
let isInterrupted = false

async function main(): Promise<void> {
  const args = process.argv.slice(2)
  if (args[0] === 'api' && args.length === 1) return benchApi()
  const options = readOptions(args)
  await provideTools()
  const found = figures(await measureAll(await startUp(), options), options)
  await cleanUp()
  process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : `${table(found)}\n`)
}

async function benchApi(): Promise<void> {
  const found = await measureApi(await startUp())
  await cleanUp()
  process.stdout.write(`${apiTable(found)}\n`)
}

async function startUp(): Promise<Servers> {
  dir = mkdtempSync(join(tmpdir(), 'weinterrupt-bench-'))
  // State folders of the processes and whatever else is temporary go with it.
  process.env.TMPDIR = dir
  say('starting MariaDB and Redis')
  servers = await startServers(dir)
  return servers
}

async function measureAll(on: Servers, options: Options): Promise<Measurements> {
  const { only } = options
  return {
    rounds: await runRounds(on, options),
    secondWorker: only.has('secondWorker') ? await secondWorker(on, options) : undefined,
    underFire: only.has('withdrawals') ? await underWithdrawals(on, options) : undefined,
    expansion: only.has('expansion') ? await expansion(on, options) : undefined,
    heaps: only.has('heap') ? await heaps(on, options) : undefined,
  }
}

async function cleanUp(): Promise<void> {
  killAll()
  await servers?.stop()
  if (dir) rmSync(dir, { recursive: true, force: true })
}

/** What our processes said last; it goes with the folder. */
function showLogs(): void {
  if (!dir) return
  for (const file of readdirSync(dir).filter(name => /^(worker|api)-\d+\.log$/.test(name)))
    say(`--- ${file}\n${readFileSync(join(dir, file), 'utf8').slice(-1500)}`)
}

function fail(error: unknown): Promise<void> {
  // What is measured when everything is being ended breaks; the signal's handler ends the process.
  if (isInterrupted) return new Promise(() => {})
  if (error instanceof CheckFailed)
    say(`A run broke a promise, so its figures count for nothing: ${error.message}`)
  else {
    showLogs()
    say(`${error instanceof Error ? error.stack : error}\n\n${usage}`)
  }
  return cleanUp()
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    isInterrupted = true
    say('stopping')
    void cleanUp().finally(() => process.exit(130))
  })

main().then(
  () => process.exit(0),
  error => fail(error).finally(() => process.exit(1)),
)

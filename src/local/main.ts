// `npm start` and `npm run demo`: the private parts, then api and worker, then the demo; all stopped together.
import { join } from 'node:path'
import { localDirOf } from '../config'
import { isGiven } from '../secret-files'
import { type Child, runCommand, startChild } from './children'
import { Closers, Interrupted } from './closers'
import { lockFolder } from './folder'
import { untilInterrupted } from './interruption'
import { emptyFolder, type LocalParts, startParts } from './parts'
import { LocalProblem } from './problem'
import { untilReady } from './ready'

const isDemo = process.argv[2] === 'demo'
const dir = isDemo ? join(localDirOf(process.env), 'demo') : localDirOf(process.env)
const env: NodeJS.ProcessEnv = { ...process.env, LOCAL_DIR: dir }
const replaced = ['DATABASE_URL', 'REDIS_URL', 'SMTP_URL'].filter(name => isGiven(env, name))
const graceMs = (Number(env.SHUTDOWN_GRACE) || 30) * 1000

const closers = new Closers()
const children: Child[] = []

async function work(): Promise<number> {
  if (isDemo && replaced.length > 0)
    throw new LocalProblem(`The demo runs on its own private servers: unset ${replaced.join(', ')}.`)
  const parts = replaced.length === 3 ? undefined : await startLocal()
  const failed = parts ? [parts.failed] : []
  await Promise.race([migrate(), ...failed])
  await parts?.releasePort()
  for (const name of ['api', 'worker']) addChild(name, parts)
  failed.push(...children.map(child => child.failed))
  const origin = `http://${reachableHost()}:${parts?.ports.port ?? (env.PORT || 4000)}`
  await Promise.race([untilReady(origin), ...failed])
  return Promise.race([serve(origin), ...failed])
}

async function startLocal(): Promise<LocalParts> {
  const unlock = lockFolder(dir)
  closers.add(unlock)
  if (isDemo) await emptyFolder(dir)
  console.log(`Starting the private servers in ${dir}`)
  return startParts(dir, env, !isDemo, closers)
}

async function migrate(): Promise<void> {
  const command = runCommand(['migrate'], env)
  closers.add(() => command.stop())
  if ((await command.exitCode) !== 0) throw new LocalProblem('The database could not be migrated.')
}

function addChild(name: string, parts: LocalParts | undefined): void {
  const child = startChild(name, env, graceMs, parts && join(dir, `${name}.log`))
  children.push(child)
  // Both stop together: the first call that arrives here waits for all.
  closers.add(() => Promise.all(children.map(one => one.stop())))
}

async function serve(origin: string): Promise<number> {
  if (replaced.length > 0) {
    console.log(`We Interrupt serves at ${origin}`)
  } else {
    const demo = runCommand(['demo'], env)
    closers.add(() => demo.stop())
    const exitCode = await demo.exitCode
    if (isDemo) return exitCode
    if (exitCode !== 0) console.error(`The demo ended with exit code ${exitCode}; the API goes on.`)
  }
  console.log('Ctrl-C stops everything.')
  return new Promise<never>(() => {})
}

function reachableHost(): string {
  if (!env.HOST || env.HOST === '0.0.0.0') return '127.0.0.1'
  if (env.HOST === '::') return '[::1]'
  return env.HOST.includes(':') ? `[${env.HOST}]` : env.HOST
}

async function main(): Promise<number> {
  // A closed terminal or pipe must not end us before everything is stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const interrupted = untilInterrupted(() => {
    for (const child of children) child.kill()
  }).then(() => {
    console.log('\nStopping …')
    return isDemo ? 130 : 0
  })
  try {
    return await Promise.race([work(), interrupted])
  } catch (error) {
    if (!isForPeople(error)) throw error
    console.error(`\n${error.message}`)
    return 1
  } finally {
    await closers.close()
  }
}

// The system's own refusals (disk full, no permission) name the file and need no stack either.
const isForPeople = (error: unknown): error is Error =>
  error instanceof LocalProblem || (error instanceof Error && 'syscall' in error)

main().then(
  code => process.exit(code),
  error => {
    if (error instanceof Interrupted) process.exit(0)
    console.error(error)
    process.exit(1)
  },
)

// npm run torture: the product under faults, judged by the offline checker. Ends with 1 if an invariant was broken.
import { parseArgs } from 'node:util'
import { torturedByEnumeration } from './enumeration'
import { torturedByGaleraRaces } from './galera'
import { torturedByJobs } from './jobs'
import type { Verdict } from './judge'
import { torturedByKills } from './kills'
import { torturedByRaces } from './races'
import { withDatabases } from './servers'
import {
  torturedByFullDisk,
  torturedByMariadbFreezes,
  torturedByMariadbKills,
  torturedByPauses,
  torturedByRedisFlushes,
} from './servers-away'
import { torturedBySignUps } from './sign-ups'
import { torturedBySigterm } from './sigterm'
import { torturedAtSteps } from './steps'
import { torturedByStorm } from './storm'

const HELP = `npm run torture -- [--seed S] [--connections C] [--readers R] MODE…
  --kills N            worker processes killed (80 %) and frozen past their lease (20 %); 100 if no mode is given
  --sigterm N          worker processes ended by SIGTERM
  --redis-flushes N    Redis emptied
  --mariadb-kills N    MariaDB killed and restarted
  --mariadb-freezes N  MariaDB frozen for longer than anybody waits for it
  --disk-full N        the disk under MariaDB filled, on a disk of its own: needs root, and is not in \`all\`
  --pauses N           newsletters paused and resumed
  --races N            readers who leave while their message goes out
  --storm N            N readers through each door, 25 a second (--per-second P), while 50,000 messages go out (--readers R),
                       each reply of their server that late (--delay MS)
  --galera-races N     the same with two nodes of a Galera cluster: sending on one, readers leave on the other
  --jobs [--times N]   doubled and forged jobs
  --steps [--rounds N] a fault at each step of the send path
  enumeration [--times N]   how long the doors take for known and unknown addresses
  sign-ups [--times N]      sign-ups for one address, and from one network
  all                  each of them but disk-full and galera-races, which needs Debian's galera-4`

interface Mode {
  name: string
  /** In `all`; 0: not in it. */
  usually: number
  /** Of the disk its MariaDB needs for itself. */
  megabytes?: number
  run(options: {
    seed: number
    connections: number
    times: number
    readers?: number
    perSecond?: number
    delayMs?: number
  }): Promise<Verdict>
}

const modes: readonly Mode[] = [
  { name: 'kills', usually: 100, run: ({ times, ...rest }) => torturedByKills({ ...rest, kills: times }) },
  { name: 'sigterm', usually: 20, run: torturedBySigterm },
  { name: 'redis-flushes', usually: 20, run: torturedByRedisFlushes },
  { name: 'mariadb-kills', usually: 5, run: torturedByMariadbKills },
  { name: 'mariadb-freezes', usually: 5, run: torturedByMariadbFreezes },
  { name: 'disk-full', usually: 0, megabytes: 500, run: torturedByFullDisk },
  { name: 'pauses', usually: 50, run: torturedByPauses },
  { name: 'races', usually: 1000, run: torturedByRaces },
  { name: 'storm', usually: 40, run: torturedByStorm },
  { name: 'galera-races', usually: 0, run: torturedByGaleraRaces },
  { name: 'jobs', usually: 500, run: torturedByJobs },
  { name: 'steps', usually: 1, run: ({ times, ...rest }) => torturedAtSteps({ ...rest, rounds: times }) },
  { name: 'enumeration', usually: 500, run: torturedByEnumeration },
  { name: 'sign-ups', usually: 10_000, run: torturedBySignUps },
]

const whole = { type: 'string' } as const
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ help: { type: 'boolean' }, seed: whole, connections: whole, readers: whole },
    ...{ kills: whole, sigterm: whole, 'redis-flushes': whole, 'mariadb-kills': whole },
    ...{
      pauses: whole,
      races: whole,
      storm: whole,
      'galera-races': whole,
      jobs: { type: 'boolean' },
      times: whole,
    },
    ...{ 'mariadb-freezes': whole, 'disk-full': whole, 'per-second': whole, delay: whole },
    ...{ steps: { type: 'boolean' }, rounds: whole },
  },
})
const given: Readonly<Record<string, string | boolean | undefined>> = values

function number(name: string): number | undefined {
  const text = given[name]
  if (typeof text !== 'string') return undefined
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number`)
  return Number(text)
}

/** The wanted modes, each with how often. */
function wanted(): [mode: Mode, times: number][] {
  const usual = modes.filter(({ usually }) => usually > 0)
  if (positionals.some(word => word !== 'all' && !usual.some(({ name }) => name === word)))
    throw new Error(HELP)
  if (positionals.includes('all')) return usual.map(mode => [mode, mode.usually])
  const asked = modes.filter(({ name }) => given[name] !== undefined || positionals.includes(name))
  const named = asked.length > 0 ? asked : modes.slice(0, 1)
  const extra = { jobs: 'times', steps: 'rounds', enumeration: 'times', 'sign-ups': 'times' }
  return named.map(mode => [mode, number(extra[mode.name as 'jobs'] ?? mode.name) ?? mode.usually])
}

function print({ mode, seed, figures, violations }: Verdict): void {
  console.log(`\n${mode}  (--seed ${seed})`)
  for (const [name, value] of Object.entries({ ...figures, violations: violations.length }))
    console.log(`  ${name.padEnd(15)} ${value}`)
  for (const one of violations.slice(0, 20))
    console.log(`    ${one.invariant} ${one.delivery ?? one.newsletter ?? ''} ${one.problem}`)
}

async function main(): Promise<boolean> {
  if (values.help) return console.log(HELP) === undefined
  const seed = number('seed') ?? Math.floor(Math.random() * 1e9)
  const shared = {
    ...{ seed, connections: number('connections') ?? 10 },
    ...{ readers: number('readers'), perSecond: number('per-second'), delayMs: number('delay') },
  }
  let isGood = true
  for (const [mode, times] of wanted()) {
    const startedAt = Date.now()
    const { megabytes } = mode
    const durable = mode.name === 'mariadb-kills' || megabytes !== undefined
    const verdict = await withDatabases({ durable, megabytes }, () => mode.run({ ...shared, times }))
    verdict.figures.wholeSeconds = ((Date.now() - startedAt) / 1000).toFixed(1)
    print(verdict)
    isGood &&= verdict.violations.length === 0
  }
  return isGood
}

main().then(
  isGood => process.exit(isGood ? 0 : 1),
  error => {
    console.error(error)
    process.exit(1)
  },
)

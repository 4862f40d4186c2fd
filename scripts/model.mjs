// `npm run model`: searches the model of the send protocol (test/model/gate.pml) exhaustively with Spin. The right model
// must hold every promise, and each twin with one planted mistake must break the promise it is meant to break.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { providePackages } from './provide-packages.mjs'

const MODEL = fileURLToPath(new URL('../test/model/gate.pml', import.meta.url))
const MEGABYTES = 900
const ALONE = ['NOBODY_LEAVES', 'NOBODY_HALTS']

/** The right model, within different bounds: the more goes on at once, the fewer mishaps can be searched. */
const RIGHT = [
  { name: 'everything', macros: ['MISHAPS=2'] },
  { name: 'a reader leaves', macros: ['NOBODY_HALTS', 'MISHAPS=3'] },
  { name: 'staff pauses, stops or cancels', macros: ['NOBODY_LEAVES', 'MISHAPS=3'] },
  { name: 'workers alone', macros: [...ALONE, 'MISHAPS=4'] },
  { name: 'workers alone, one connection', macros: [...ALONE, 'MISHAPS=4', 'CONNECTIONS=1'] },
]

/** One planted mistake each, and the promise it breaks. */
const TWINS = [
  { mistake: 'PLAIN_SELECT', breaks: 'I3_GATE', macros: ['NOBODY_HALTS'] },
  { mistake: 'PLAIN_SELECT_ALL', breaks: 'I4_WITHDRAWAL' },
  { mistake: 'PLAIN_PAUSE', breaks: 'I4_HALT', macros: ['NOBODY_LEAVES'] },
  { mistake: 'REPLY_BEFORE_COMMIT', breaks: 'I4_WITHDRAWAL' },
  { mistake: 'LEASE_LOCAL', breaks: 'I3_GATE' },
  { mistake: 'NO_FENCE', breaks: 'I1_AT_MOST_ONCE' },
  { mistake: 'RETRY_ON_NO_REPLY', breaks: 'I1_AT_MOST_ONCE' },
  { mistake: 'RESEND_SENDING', breaks: 'I1_AT_MOST_ONCE' },
  { mistake: 'RESEND_UNKNOWN', breaks: 'I5_NEVER_AGAIN' },
  { mistake: 'COMMIT_ERROR_GOES_ON', breaks: 'I1_AT_MOST_ONCE' },
  { mistake: 'SENT_ON_NO_REPLY', breaks: 'NO_FALSE_SENT' },
  { mistake: 'RELEASE_DONE', breaks: 'I2_ALL_ACCOUNTED' },
  { mistake: 'SETTLE_LATER', breaks: 'I5_FEW_UNKNOWN', macros: ['CONNECTIONS=1'] },
]

/** Places the right model must get to, or its silence would mean nothing. */
const PROBES = ['SENT_AT_A_RETRY', 'SENT_AFTER_UNKNOWN', 'NAMED_AND_NOT_SENT']

const interrupted = new AbortController()

async function main() {
  providePackages('The model', TOOLS)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => interrupted.abort())
  const folder = mkdtempSync(join(tmpdir(), 'weinterrupt-model-'))
  try {
    const wrong = await searchAll(folder)
    if (wrong > 0) throw new Error(`${wrong} of the searches did not end as they must.`)
    console.log('\nThe model keeps every promise, and every planted mistake was found.')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function searchAll(folder) {
  let wrong = 0
  const report = (name, search, result, isRight) => {
    if (!isRight) wrong++
    const figures = [search.states.toLocaleString('en').padStart(11), search.seconds.toFixed(1).padStart(7)]
    console.log(`${name.padEnd(34)}${figures.join(' ')}   ${isRight ? '' : 'WRONG: '}${result}`)
    if (!isRight) console.error(search.output)
  }
  console.log(`${'variant'.padEnd(34)}${'states'.padStart(11)} ${'seconds'.padStart(7)}   result`)
  for (const { name, macros } of RIGHT) {
    const search = await searched(folder, macros, '-O1')
    const holds = search.isComplete && search.errors === 0
    report(name, search, holds ? 'holds' : 'does not hold, or was not searched to its end', holds)
  }
  for (const { mistake, breaks, macros = [] } of TWINS) {
    const all = [mistake, 'MISHAPS=2', `ONLY=${breaks}`, ...macros]
    await expectFailure(`twin ${mistake}`, all, breaks, `breaks ${breaks}`)
  }
  for (const probe of PROBES)
    await expectFailure(`probe ${probe}`, ['MISHAPS=2', 'ONLY=0', `PROBE=${probe}`], probe, 'gets there')
  return wrong

  async function expectFailure(name, macros, promise, result) {
    const search = await searched(folder, macros, '-O0')
    const isRight = search.failed === numberOf(promise)
    report(name, search, isRight ? result : `should show ${promise}`, isRight)
  }
}

/** One search, from the model's text to the checker's verdict. */
async function searched(folder, macros, optimisation) {
  const start = performance.now()
  await run(folder, 'spin', ['-a', ...macros.map(macro => `-D${macro}`), MODEL])
  await run(folder, 'cc', [optimisation, '-w', '-DSAFETY', `-DMEMLIM=${MEGABYTES}`, '-o', 'pan', 'pan.c'])
  // Not one history is half as long as 1000 steps; if one were, pan says so and the search counts as incomplete.
  const output = await run(folder, './pan', ['-m1000', '-n'], true)
  const number = pattern => Number(pattern.exec(output)?.[1] ?? Number.NaN)
  return {
    output,
    seconds: (performance.now() - start) / 1000,
    states: number(/(\d+(?:\.\d+)?(?:e\+\d+)?) states, stored/),
    errors: number(/errors: (\d+)/),
    // Each PROMISE is written as `assert(its number != the twin's || …)`: that is how pan names what broke.
    failed: number(/assertion violated \(\((\d+)!=\1\)/),
    isComplete:
      output.includes('Full statespace search') &&
      !/not completed|max search depth|MEMLIM|out of memory|interrupted|hash-compact|bit statespace/i.test(
        output,
      ),
  }
}

function numberOf(promise) {
  const defined = new RegExp(`^#define ${promise} (\\d+)$`, 'm').exec(readFileSync(MODEL, 'utf8'))
  if (!defined) throw new Error(`${MODEL} does not define ${promise}.`)
  return Number(defined[1])
}

/** The program's whole output. One that fails ends the run, but pan may: it tells by its words. */
function run(cwd, command, args, mayFail = false) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      signal: interrupted.signal,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data))
    child.once('error', reject)
    child.once('close', code => {
      if (code === 0 || mayFail) resolve(output)
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`))
    })
  })
}

const TOOLS = [
  { command: 'spin', check: '-V', packages: ['spin'] },
  // Spin itself calls gcc as its preprocessor.
  { command: 'gcc', check: '--version', packages: ['gcc', 'libc6-dev'] },
  { command: 'cc', check: '--version', packages: ['gcc', 'libc6-dev'] },
]

main().catch(error => {
  console.error(`\n${interrupted.signal.aborted ? 'Interrupted.' : error.message}`)
  process.exitCode = 1
})

// Loaded before a worker process (NODE_OPTIONS=--require): does to it what STEP_FAULTS asks for.
// STEP_FAULTS='gate.after:3:kill,body.middle:1:delay:500,settle.after:2:throw,claim.after:1:stop':
// step, its n-th occurrence in this process, act. STEP_MARKS=FILE gets a line for each fault, before it is done.
const { subscribe } = require('node:diagnostics_channel')
const { appendFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')

const block = ms => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/** A signal to oneself arrives a moment later: nothing of the step may happen in between. */
function signalled(name) {
  process.kill(process.pid, name)
  block(1000)
}

const acts = {
  kill: () => signalled('SIGKILL'),
  // Whoever watches continues it; the wait ends by itself then.
  stop: () => {
    process.kill(process.pid, 'SIGSTOP')
    block(20)
  },
  // More than the heap holds: V8 ends the process (F21).
  exhaust: () => {
    for (const full = []; ; ) full.push(new Array(100_000).fill(full.length))
  },
  delay: (_message, ms) => block(Number(ms)),
  throw: message => {
    message.failure = new Error(`asked for at ${message.step}`)
  },
}

function arm(fault) {
  const [step, nth, act, argument] = fault.split(':')
  if (!Object.hasOwn(acts, act)) throw new Error(`STEP_FAULTS: there is no act in ${fault}`)
  let count = 0
  subscribe(`weinterrupt:${step}`, message => {
    count += 1
    if (count !== Number(nth)) return
    if (process.env.STEP_MARKS) appendFileSync(process.env.STEP_MARKS, `${step} ${act}\n`)
    acts[act](message, argument)
  })
}

if (isMainThread) for (const fault of (process.env.STEP_FAULTS ?? '').split(',').filter(Boolean)) arm(fault)

// Readers who leave from a process of their own, so that how long a door takes is measured beside nothing else: the process
// that tortures also plays the mail server.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { DoorName, Leaver, TimedAnswer } from './doors'

export interface Leavers {
  leave(door: DoorName, leaver: Leaver): Promise<TimedAnswer>
  stop(): Promise<void>
}

export function startLeavers(): Leavers {
  const child = fork(join(__dirname, '../bench/run.cjs'), [join(__dirname, 'leaving-process.ts')], {
    execArgv: [],
  })
  const waiting = new Map<number, (answer: TimedAnswer) => void>()
  child.on('message', ({ n, ...answer }: TimedAnswer & { n: number }) => {
    waiting.get(n)?.(answer)
    waiting.delete(n)
  })
  let count = 0
  return {
    leave: (door, leaver) =>
      new Promise(resolve => {
        const n = count++
        waiting.set(n, resolve)
        child.send({ n, door, leaver })
      }),
    async stop() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

import { readFileSync } from 'node:fs'

const PARENT_CHECK_MS = 2_000

/**
 * Resolves at the first Ctrl-C, SIGTERM or SIGHUP; each later one calls `hurry`.
 * Under `npm start` the end of npm counts too: killed, it tells nobody.
 */
export function untilInterrupted(hurry: () => void): Promise<void> {
  return new Promise(resolve => {
    let interrupted = false
    const interrupt = () => {
      if (interrupted) hurry()
      interrupted = true
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
    if (process.env.npm_lifecycle_event) watchNpm(resolve)
  })
}

function watchNpm(gone: () => void): void {
  const before = npmAbove()
  const timer = setInterval(() => {
    if (npmAbove() === before) return
    clearInterval(timer)
    gone()
  }, PARENT_CHECK_MS)
  timer.unref()
}

// npm is our parent, or the parent of the shell it runs scripts with; that shell outlives a killed npm.
function npmAbove(): string {
  const parent = statOf(process.ppid)
  return parent && /^(ba|da|z|k|a)?sh$/.test(parent.name)
    ? `${process.ppid} ${parent.ppid}`
    : `${process.ppid}`
}

function statOf(pid: number): { name: string; ppid: string } | undefined {
  try {
    const [, name = '', ppid = ''] =
      /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return { name, ppid }
  } catch {
    return undefined
  }
}

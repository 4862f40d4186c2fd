// One owner per data folder: two servers on the same files would destroy them.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { LocalProblem } from './problem'
import { identityOf, isRunning, type ProcessIdentity } from './process-identity'
import { writeAtomically } from './write-atomically'

const NEEDED_MEGABYTES = 300

/** Takes the folder for this process; the answer gives it back. Refuses while another living process has it. */
export function lockFolder(dir: string): () => void {
  createFolder(dir)
  const lock = join(dir, 'owner.json')
  const mine = identityOf(process.pid)
  const draft = `${lock}.${process.pid}`
  writeAtomically(draft, mine)
  try {
    // A hard link appears with its content and fails when the name is taken: no half-written lock can be read.
    while (!linked(draft, lock)) removeStale(lock, dir)
  } finally {
    rmSync(draft, { force: true })
  }
  return () => {
    if (readOwner(lock)?.pid === mine.pid) rmSync(lock, { force: true })
  }
}

function createFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new LocalProblem(`The data folder ${dir} cannot be created: ${(error as Error).message}`)
  }
}

/** Says so before a server fails with a riddle half-way through. */
export function requireSpace(dir: string): void {
  const { bavail, bsize } = statfsSync(dir)
  const free = Math.floor((bavail * bsize) / 1e6)
  if (free < NEEDED_MEGABYTES)
    throw new LocalProblem(
      `The disk of ${dir} has only ${free} MB free; MariaDB needs ${NEEDED_MEGABYTES} MB to start. Free some, or set LOCAL_DIR to a folder on another disk.`,
    )
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function removeStale(lock: string, dir: string): void {
  const owner = readOwner(lock)
  if (owner && isRunning(owner)) throw new LocalProblem(alreadyRunning(dir, owner))
  const taken = `${lock}.stale.${process.pid}`
  try {
    renameSync(lock, taken)
  } catch {
    return // someone else removed it in this moment
  }
  // Between reading and renaming another start may have put its own lock there: that one stands.
  const moved = readOwner(taken)
  if (moved && isRunning(moved)) linked(taken, lock)
  rmSync(taken, { force: true })
}

function alreadyRunning(dir: string, owner: ProcessIdentity): string {
  const port = readJson<{ port?: number }>(join(dir, 'ports.json'))?.port
  const where = port ? ` at http://127.0.0.1:${port}` : ''
  return `Already running in ${dir}: process ${owner.pid}${where}. Stop it first (Ctrl-C there, or kill ${owner.pid}), or set LOCAL_DIR to another folder.`
}

const readOwner = (lock: string) => readJson<ProcessIdentity>(lock)

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch {
    return undefined
  }
}

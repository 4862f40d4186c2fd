// Two starts in one clone at the same time must not install or build over each other.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const LOCK = '.local/bootstrap.lock'

/** Runs `work` while this process alone holds the clone's lock; a dead holder's lock is taken over. */
export async function withLock(work) {
  const draft = `${LOCK}.${process.pid}`
  prepare(draft)
  try {
    // A hard link appears with its content, or fails because another one holds the name.
    for (let told = false; !linked(draft, LOCK); ) {
      const holder = read(LOCK)
      if (holder && !isRunning(holder)) removeStale(holder)
      else if (holder && !told) {
        console.log(`Waiting for process ${holder.pid}, which is setting up this clone.`)
        told = true
      }
      await pause(200)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  try {
    return await work()
  } finally {
    rmSync(LOCK, { force: true })
  }
}

function prepare(draft) {
  try {
    mkdirSync('.local', { recursive: true, mode: 0o700 })
    writeFileSync(draft, JSON.stringify({ pid: process.pid, startedAt: startTime(process.pid) }))
  } catch (error) {
    throw new Error(`This clone's folder cannot be written by this user: ${error.message}`)
  }
}

function linked(from, to) {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function removeStale(holder) {
  const taken = `${LOCK}.stale.${process.pid}`
  try {
    renameSync(LOCK, taken)
  } catch {
    return // another one was faster
  }
  // Between reading and renaming a new holder may have come: its lock is put back.
  if (read(taken)?.pid !== holder.pid) linked(taken, LOCK)
  rmSync(taken, { force: true })
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function isRunning({ pid, startedAt }) {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code !== 'EPERM') return false
  }
  const now = startTime(pid)
  return !now || !startedAt || now === startedAt
}

// Field 22 of /proc/PID/stat tells a process from a later one with the same number.
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

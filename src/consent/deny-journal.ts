// The deny journal: every withdrawal and suppression, as keyed hashes, in a file that a restore of the database does not undo.
import {
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { syncFolder } from './write-durably'

/** One line of it. */
const denialLine = z.object({
  at: z.iso.datetime(),
  kind: z.enum(['withdrawal', 'suppression']),
  /** Hex of the address's keyed hash. */
  address: z.string().regex(/^[0-9a-f]{64}$/),
  /** The purpose's key of a withdrawal, the reason of a suppression (ERASED is an erasure). */
  subject: z.string().min(1).max(80),
})
export type Denial = z.infer<typeof denialLine>

const fileOf = (stateDir: string): string => join(stateDir, 'deny.jsonl')
const TAIL_BYTES = 64 * 1024

/**
 * Makes the journal where there is none. What follows its last line break was cut off by a crash and is taken away: its
 * rows are read again. Only for the one process that appends.
 */
export function prepareDenyJournal(stateDir: string): void {
  // Not 'a': the size must be the one that is truncated to.
  const fd = openSync(fileOf(stateDir), existsSync(fileOf(stateDir)) ? 'r+' : 'w+', 0o600)
  try {
    const { size } = fstatSync(fd)
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES))
    readSync(fd, tail, 0, tail.length, size - tail.length)
    const cut = tail.length - 1 - tail.lastIndexOf('\n')
    if (cut > 0) ftruncateSync(fd, size - cut)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  syncFolder(stateDir)
}

/** On the disk when it returns. */
export function appendDenials(stateDir: string, denials: readonly Denial[]): void {
  if (denials.length === 0) return
  const lines = denials.map(({ at, kind, address, subject }) =>
    JSON.stringify({ at, kind, address, subject }),
  )
  const bytes = Buffer.from(`${lines.join('\n')}\n`)
  const fd = openSync(fileOf(stateDir), 'a', 0o600)
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

export interface ReadJournal {
  /** The latest of each kind, address and subject, oldest first. */
  denials: Denial[]
  isMissing: boolean
  /** Numbers, from 1, of lines that are none of ours. */
  damagedLines: number[]
}

/** Reads the whole journal. */
export async function readDenyJournal(stateDir: string): Promise<ReadJournal> {
  const read: ReadJournal = { denials: [], isMissing: !existsSync(fileOf(stateDir)), damagedLines: [] }
  if (read.isMissing) return read
  const latest = new Map<string, Denial>()
  let number = 0
  for await (const line of createInterface({ input: createReadStream(fileOf(stateDir)) })) {
    number += 1
    const denial = parsed(line)
    if (!denial) {
      read.damagedLines.push(number)
      continue
    }
    const key = `${denial.kind} ${denial.address} ${denial.subject}`
    const known = latest.get(key)
    if (!known || known.at < denial.at) latest.set(key, denial)
  }
  read.denials = [...latest.values()].sort((one, other) => one.at.localeCompare(other.at))
  return read
}

function parsed(line: string): Denial | undefined {
  try {
    return denialLine.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

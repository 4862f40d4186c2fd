// The checkpoints of a STATE_DIR: who can change the database cannot change these too.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { SealedCheckpoint } from './checkpoint'
import { writeDurably } from './write-durably'

const base64 = z.base64().transform(text => Buffer.from(text, 'base64'))
const checkpointLine = z.object({ body: z.string(), signature: base64, chunks: base64 })

const fileOf = (stateDir: string): string => join(stateDir, 'ledger.jsonl')

function textOf(stateDir: string): string {
  try {
    return readFileSync(fileOf(stateDir), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

export interface ReadCheckpoints {
  checkpoints: SealedCheckpoint[]
  /** Numbers, from 1, of lines that are none of ours. */
  damagedLines: number[]
}

/** All of it; a year's are a few hundred kilobytes, and 60 bytes more for every thousand events. */
export function readCheckpointFile(stateDir: string): ReadCheckpoints {
  const read: ReadCheckpoints = { checkpoints: [], damagedLines: [] }
  for (const [index, line] of textOf(stateDir).trimEnd().split('\n').entries()) {
    const checkpoint = parsed(line)
    if (checkpoint) read.checkpoints.push(checkpoint)
    else if (line !== '') read.damagedLines.push(index + 1)
  }
  return read
}

function parsed(line: string): SealedCheckpoint | undefined {
  try {
    return checkpointLine.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

/**
 * Adds those of the database that the file has not. The file is replaced as a whole, so that a crash leaves no half line;
 * of two processes that do so at once, one may have to do it again.
 */
export function copyIntoFile(stateDir: string, stored: readonly SealedCheckpoint[]): void {
  const bodies = new Set(readCheckpointFile(stateDir).checkpoints.map(one => one.body))
  const missing = stored.filter(one => !bodies.has(one.body))
  if (missing.length === 0) return
  writeDurably(fileOf(stateDir), `${textOf(stateDir)}${missing.map(lineOf).join('')}`)
}

const lineOf = ({ body, signature, chunks }: SealedCheckpoint): string =>
  `${JSON.stringify({ body, signature: signature.toString('base64'), chunks: chunks.toString('base64') })}\n`

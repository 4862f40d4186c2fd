import { fstatSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { MAX_PASSWORD, MIN_PASSWORD } from '../consent/staff-password'
import { Problem } from './problem'

/** The password from standard input; undefined when none is given there. */
export async function givenPassword(): Promise<string | undefined> {
  const given = await pipedLine()
  if (given !== undefined && given.length < MIN_PASSWORD)
    throw new Problem(`The password needs at least ${MIN_PASSWORD} characters.`)
  if (given !== undefined && given.length > MAX_PASSWORD)
    throw new Problem(`The password may have at most ${MAX_PASSWORD} characters.`)
  return given
}

/** The first line of a pipe or file on standard input; undefined when there is none, or a terminal or /dev/null. */
async function pipedLine(): Promise<string | undefined> {
  const input = fstatSync(0)
  if (process.stdin.isTTY || input.isCharacterDevice()) return undefined
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
  try {
    for await (const line of lines) return line
    return undefined
  } finally {
    lines.close()
    process.stdin.destroy()
  }
}

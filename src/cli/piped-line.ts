import { fstatSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** The first line of a pipe or file on standard input; undefined when there is none, or a terminal or /dev/null. */
export async function pipedLine(): Promise<string | undefined> {
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

import { renameSync, writeFileSync } from 'node:fs'

/** Writes JSON only the owner may read; a reader sees the old file or the new one, never half of it. */
export function writeAtomically(file: string, value: unknown): void {
  writeAtomicallyText(file, `${JSON.stringify(value, undefined, 2)}\n`)
}

/** The same for text. */
export function writeAtomicallyText(file: string, text: string): void {
  const draft = `${file}.${process.pid}.new`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, file)
}

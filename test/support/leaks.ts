// What the product's processes must never write: the addresses, names, tokens and secrets that the tests work with.
// Every process of a run logs everything it can into one folder, and the private Redis keeps each command it was given.
// When all tests are over, nothing of these people may be found there.
import { appendFileSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Set by global-setup for all test processes; not there when the harness is used outside of jest. */
const folder = (): string | undefined => process.env.TEST_LEAKS

const own = (name: string): string | undefined => {
  const dir = folder()
  return dir && join(dir, `${name}-${process.env.JEST_WORKER_ID ?? 0}`)
}

/** What `LOG_LEVEL` is while tests run. */
export const testLogLevel = (): string => (folder() ? 'trace' : 'silent')

/** Where a logger in this process writes. */
export const logTarget = (): string | number => own('log') ?? 2

/** Where a started process writes its output. */
export function outputOf(): number | 'inherit' {
  const file = own('log')
  return file ? openSync(file, 'a', 0o600) : 'inherit'
}

/** Adds lines that a started process wrote. */
export function keepOutput(text: string): void {
  const file = own('log')
  if (file && text !== '') appendFileSync(file, `${text}\n`)
}

/** From now on none of these may be found. Addresses and link tokens need not be told: they show by their form. */
export function canary(...values: (string | null | undefined)[]): void {
  const file = own('canaries')
  const lines = values.filter(isTelling).map(value => `${JSON.stringify(value)}\n`)
  if (file && lines.length > 0) appendFileSync(file, lines.join(''))
}

/** Short ones, and one letter again and again, stand in logs by chance. */
const isTelling = (value: string | null | undefined): boolean =>
  value !== null && value !== undefined && value.length >= 3 && new Set(value).size > 1

export function prepareLeakFolder(dir: string): void {
  mkdirSync(dir, { recursive: true })
  process.env.TEST_LEAKS = dir
}

export interface Search {
  leaks: string[]
  canaries: number
  bytes: number
}

const FORMS: [what: string, form: RegExp][] = [
  ['an address', /[\w.+!#$%&'*/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+/],
  ['a token', /(?<![a-z2-7])[a-z2-7]{53}(?![a-z2-7])/],
]

/** Looks through everything written in `dir`, and through `more` files. */
export function findLeaks(dir: string, more: readonly string[] = []): Search {
  const files = readdirSync(dir).map(name => join(dir, name))
  const canaries = new Set(files.filter(isCanaries).flatMap(readCanaries))
  const search: Search = { leaks: [], canaries: canaries.size, bytes: 0 }
  for (const file of [...files.filter(one => !isCanaries(one)), ...more].filter(existsSync)) {
    const text = readFileSync(file, 'latin1')
    search.bytes += text.length
    for (const [what, form] of FORMS) {
      const found = form.exec(text)
      if (found) search.leaks.push(`${what} in ${file}: ${lineAround(text, found.index)}`)
    }
    for (const value of canaries)
      for (const spelling of spellings(value)) {
        const index = find(text, spelling)
        if (index >= 0) search.leaks.push(`"${value}" in ${file}: ${lineAround(text, index)}`)
      }
  }
  return search
}

const isCanaries = (file: string): boolean => file.includes('/canaries-')

const readCanaries = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as string)

/** As it is, and as JSON writes it, in the bytes of a file. */
const spellings = (value: string): Set<string> =>
  new Set([value, JSON.stringify(value).slice(1, -1)].map(one => Buffer.from(one).toString('latin1')))

/** A short one counts only as a word of its own: three letters in a row stand everywhere. */
function find(text: string, value: string): number {
  const isPart = (at: number): boolean => value.length < 8 && /[\w\x80-\xff]/.test(text[at] ?? '')
  let index = text.indexOf(value)
  while (index >= 0 && (isPart(index - 1) || isPart(index + value.length)))
    index = text.indexOf(value, index + 1)
  return index
}

function lineAround(text: string, index: number): string {
  const start = Math.max(text.lastIndexOf('\n', index) + 1, index - 300)
  const end = text.indexOf('\n', index)
  const line = text.slice(start, Math.min(end < 0 ? text.length : end, index + 300))
  return Buffer.from(line, 'latin1').toString('utf8')
}

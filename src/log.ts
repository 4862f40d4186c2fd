// One logger for both processes. Structured fields only; what could name a person is removed here as a last guard.
import { type Logger, pino } from 'pino'

export type Log = Logger

/** Whole words: looking for a part before each @ would take seconds for a server's 64 kB without a blank. */
const WORD = /[^\s<>"',;:()[\]]+/g
const ADDRESS = /[^@]@[^@]/
const LINK_TOKEN = /\/(u|c|p|s|l|a|e|export|imports|lawful-disclosures)\/[A-Za-z0-9_-]+/g
const BARE_TOKEN = /(?<![a-z2-7])[a-z2-7]{53}(?![a-z2-7])/g
/** As src/secrets/age-pass.ts makes them. */
const AGE_PASS = /(?<![\w.-])\d{1,5}\.[a-z0-9]{8}\.[\w-]{12}\.[\w-]{22}(?![\w-])/g
const BEARER = /\bBearer\s+[\w.~+/-]+=*/gi

/** The same text with e-mail addresses and tokens masked (I10: neither may reach a log or an error answer). */
export const redact = (text: string): string =>
  withoutAddresses(text)
    .replace(LINK_TOKEN, '/$1/[token]')
    .replace(BARE_TOKEN, '[token]')
    .replace(AGE_PASS, '[token]')
    .replace(BEARER, 'Bearer [token]')

/** Server replies by the thousand have none. */
const withoutAddresses = (text: string): string =>
  text.includes('@') ? text.replace(WORD, word => (ADDRESS.test(word) ? '[address]' : word)) : text

/** People write reasons: they are shortened and masked like everything else. */
const MAX_REASON = 500

/** An error as fields that are safe to log: name, code, and its message and stack with addresses masked. */
export const errorFields = (error: unknown): Record<string, unknown> =>
  error instanceof Error
    ? {
        name: error.name,
        code: (error as { code?: unknown }).code,
        message: redact(error.message),
        stack: redact(error.stack ?? ''),
      }
    : { message: redact(String(error)) }

/** Every text in a value, masked; errors are left to their serializer. */
function masked(value: unknown): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map(masked)
  const isPlain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  if (!isPlain) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, masked(one)]))
}

/**
 * A logger that writes JSON lines to standard error, so that standard output stays for people and pipes; or into a file.
 */
export function createLog(level: string, process: string, destination: string | number = 2): Log {
  return pino(
    {
      level,
      base: { process },
      serializers: { err: errorFields, reason: (reason: string) => redact(reason.slice(0, MAX_REASON)) },
      formatters: { log: fields => masked(fields) as Record<string, unknown> },
      hooks: {
        logMethod(args, method) {
          method.apply(this, args.map(arg => (typeof arg === 'string' ? redact(arg) : arg)) as typeof args)
        },
      },
    },
    pino.destination({ dest: destination, sync: true }),
  )
}

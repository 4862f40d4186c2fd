// One logger for both processes. Structured fields only; what could name a person is removed here as a last guard.
import { type Logger, pino } from 'pino'

export type Log = Logger

/** Whole words: looking for a part before each @ would take seconds for a server's 64 kB without a blank. */
const WORD = /[^\s<>"',;:()[\]]+/g
const ADDRESS = /[^@]@[^@]/
const LINK_TOKEN = /\/(u|c|p|s|l)\/[A-Za-z0-9_-]+/g

/** The same text with e-mail addresses and link tokens masked (I10: neither may reach a log or an error answer). */
export const redact = (text: string): string =>
  text.replace(WORD, word => (ADDRESS.test(word) ? '[address]' : word)).replace(LINK_TOKEN, '/$1/[token]')

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

/** A logger that writes JSON lines to standard error, so that standard output stays for people and pipes. */
export function createLog(level: string, process: string): Log {
  return pino(
    {
      level,
      base: { process },
      serializers: { err: errorFields, reason: (reason: string) => redact(reason.slice(0, MAX_REASON)) },
      hooks: {
        logMethod(args, method) {
          method.apply(this, args.map(arg => (typeof arg === 'string' ? redact(arg) : arg)) as typeof args)
        },
      },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}

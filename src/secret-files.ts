// Secrets from files, as containers and systemd hand them over: NAME_FILE names a file that holds what NAME would.
import { readFileSync } from 'node:fs'

/** Every variable that is a secret or may hold a password. */
export const secretNames: readonly string[] = [
  'DATABASE_URL',
  'DATABASE_MIGRATION_URL',
  'REDIS_URL',
  'SMTP_URL',
  'SECRET_KEYS',
  'ADDRESS_KEY',
]

/** Whether a secret is set, in either way. */
export const isGiven = (env: NodeJS.ProcessEnv, name: string): boolean =>
  Boolean(env[name] || env[`${name}_FILE`])

/** The same variables with the files' contents in place, without white space around them; and what was wrong, by name. */
export function withSecretFiles(given: Record<string, string>): {
  values: Record<string, string>
  problems: Map<string, string>
} {
  const values = { ...given }
  const problems = new Map<string, string>()
  for (const name of secretNames) {
    const file = given[`${name}_FILE`]
    if (file === undefined) continue
    const text = given[name] === undefined ? readText(file) : undefined
    if (given[name] !== undefined) problems.set(name, `${name} and ${name}_FILE are both set`)
    else if (text === undefined) problems.set(name, `${name}_FILE must name a readable file`)
    else if (text === '') problems.set(name, `${name}_FILE names an empty file`)
    else values[name] = text
  }
  return { values, problems }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

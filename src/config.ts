// The only reader of the environment: parses it into one frozen object and reports every problem at once.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { DEFAULT_RATES, noRates, parseRates, type Rates } from './api/rate-settings'
import { isDnsName, keyProblem } from './mail/dkim'
import type { QuietHours } from './mail/quiet-hours'
import { parseSendLimits, type SendLimits } from './mail/send-limits'
import { secretNames, withSecretFiles } from './secret-files'

/** What the private processes of local mode offer; `src/local/` writes it, every process of the clone reads it. */
export interface LocalPorts {
  pid: number
  databaseUrl?: string
  databaseMigrationUrl?: string
  redisUrl?: string
  smtpUrl?: string
  mailboxUrl?: string
  port: number
  secretKeys: string
  addressKey: string
}

export interface SmtpServer {
  url: string
  weight: number
}

export interface Key {
  id: number
  secret: Buffer
}

export interface Config {
  /** True only when database, Redis and SMTP are all the private ones: demo, GraphiQL and demo admin exist. */
  readonly local: boolean
  readonly localDir: string
  readonly mailboxUrl: string | undefined
  readonly databaseUrl: string
  readonly databaseMigrationUrl: string
  readonly redisUrls: readonly string[]
  readonly smtpServers: readonly SmtpServer[]
  readonly smtpConnections: number
  readonly smtpTransport: 'pipelined' | 'plain'
  /** The ceiling over all topics, raised for a reader by what the topics they said yes to promise. */
  readonly frequencyCeiling: { perDay: number; perWeek: number; perMonth: number }
  readonly sendLimits: SendLimits
  readonly quietHours: QuietHours | undefined
  readonly rates: Rates
  /** Set by the operator: then they also hold for callers on this machine. */
  readonly ratesForLoopback: boolean
  /** Whose X-Forwarded-For is believed, as Express takes it. */
  readonly trustedProxies: readonly string[]
  readonly publicUrl: URL
  /** Host names that are the site's own; links to all others are marked. */
  readonly ownHosts: readonly string[]
  /** Whether the worker asks the sites of the link directory whether they still answer. */
  readonly linkChecks: boolean
  /** Besides its own: pages of these origins may call the API from a browser. */
  readonly allowedOrigins: readonly string[]
  /** Documents of our own clients, by the name they are asked for with. */
  readonly trustedDocuments: ReadonlyMap<string, string>
  readonly requestMs: number
  readonly maxRequests: number
  readonly connectionLimits: { total: number; perAddress: number }
  readonly port: number
  readonly host: string
  /** First key signs and encrypts, the others only verify and decrypt. */
  readonly secretKeys: readonly Key[]
  readonly addressKey: Buffer
  readonly stateDir: string
  readonly siteName: string
  readonly siteContact: string
  readonly locales: readonly string[]
  readonly mailFrom: string
  readonly mailFromNotices: string
  readonly bounceDomain: string | undefined
  /** Signs every message; undefined where the next server does, or nobody. */
  readonly dkim: { domain: string; selector: string; privateKey: KeyObject } | undefined
  readonly postalAddress: string
  readonly minimumAge: number
  /** Whose law applies: an ISO 3166 code such as DE or US-CA. */
  readonly jurisdiction: string | undefined
  readonly supervisoryAuthority: string | undefined
  /** How long the deliveries of a finished newsletter are kept one by one (standards §N). */
  readonly sendLogDays: number
  /** How long notices that are settled are kept; their budgets look 30 days back. */
  readonly noticeDays: number
  /** How long the proof of consent of an erased reader is kept. */
  readonly consentProofYears: number
  /** How long anybody waits for the database before it counts as away. */
  readonly databaseWaitMs: number
  /** Whoever saved a newsletter last may not schedule it. */
  readonly secondPerson: boolean
  readonly leaseMs: number
  readonly sweepMs: number
  readonly undoMs: number
  readonly watchdogMs: number
  readonly shutdownGraceMs: number
  readonly logLevel: string
  readonly production: boolean
}

/** Thrown by loadConfig with every problem found, one line each. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n- ${problems.join('\n- ')}`)
  }
}

/** Names of this machine, as they stand in URLs. */
export const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/
const MAILBOX = /^[^\s<>@"(),:;\\[\]]+@[a-z0-9-]+(\.[a-z0-9-]+)*$/i

const urlWith = (...schemes: string[]) =>
  z.string().refine(value => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)), {
    error: `must be a URL starting with ${schemes.map(scheme => `${scheme}://`).join(' or ')}`,
  })
const listOf = (item: z.ZodType<string, string>) =>
  z
    .string()
    .transform(value => value.split(',').map(part => part.trim()))
    .pipe(z.array(item).min(1))
const between = (min: number, max: number) =>
  z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`)
const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(between(min, max))
/** As milliseconds. */
const seconds = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+(\.\d{1,3})?$/, 'must be a number of seconds')
    .transform(Number)
    .pipe(between(min, max))
    .transform(value => Math.round(value * 1000))
const mailbox = z.string().regex(MAILBOX, 'must be a plain mailbox such as news@example.org')

const key = z.string().transform((value, context) => {
  const [id, secret] = value.includes(':') ? value.split(':', 2) : ['', '']
  const bytes = Buffer.from(secret ?? '', 'base64')
  if (/^\d+$/.test(id ?? '') && Number(id) >= 1 && Number(id) <= 255 && bytes.length === 32)
    return { id: Number(id), secret: bytes }
  context.addIssue('must be ID:BASE64, an id from 1 to 255 and 32 bytes of base64')
  return z.NEVER
})
const secretKeys = z
  .string()
  .transform(value => value.split(',').map(part => part.trim()))
  .pipe(z.array(key).min(1))
  .refine(keys => new Set(keys.map(one => one.id)).size === keys.length, 'has the same key id twice')
const addressKey = z
  .string()
  .transform(value => Buffer.from(value, 'base64'))
  .refine(bytes => bytes.length === 32, 'must be 32 bytes of base64')

/** standards §N: 1 a day, 3 in 7 days, 8 in 30 days. */
const frequencyCeiling = z.string().transform((value, context) => {
  const [perDay = 0, perWeek = 0, perMonth = 0] = value.split(',').map(Number)
  if (/^\d{1,4},\d{1,4},\d{1,4}$/.test(value) && perDay >= 1 && perWeek >= perDay && perMonth >= perWeek)
    return { perDay, perWeek, perMonth }
  context.addIssue(
    'must be three whole numbers, each at least the one before: per day, per 7 days, per 30 days',
  )
  return z.NEVER
})
const sendLimits = z
  .string()
  .transform((value, context) => parseSendLimits(value, problem => context.addIssue(problem)))
const rates = z
  .string()
  .transform((value, context) => parseRates(value, problem => context.addIssue(problem)))
const PROXY_GROUPS = ['loopback', 'linklocal', 'uniquelocal', 'none']
const network = z.string().refine(value => {
  const [address = '', bits, ...more] = value.split('/')
  const isMask =
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128))
  return PROXY_GROUPS.includes(value) || (isIP(address) > 0 && isMask && more.length === 0)
}, 'must be addresses, networks such as 10.0.0.0/8, loopback, linklocal, uniquelocal or none')
const quietHours = z
  .string()
  .regex(/^([01]?\d|2[0-3])-([01]?\d|2[0-3])$/, 'must be two hours of the day such as 22-7')
  .transform(value => value.split('-').map(Number))
  .transform(([from = 0, to = 0]) => ({ from, to }))
  .refine(({ from, to }) => from !== to, 'must not begin and end at the same hour')
const dkimKey = z.string().transform((file, context) => {
  const key = readKey(file)
  const problem = key
    ? keyProblem(key)
    : 'must name a readable PEM file with a private key without passphrase'
  if (key && !problem) return key
  context.addIssue(problem ?? '')
  return z.NEVER
})

/** As client generators write it: `{"hash": "query …"}`. */
const trustedDocuments = z.string().transform((value, context) => {
  const found = value.split(',').map(file => readDocuments(file.trim()))
  if (found.every(one => one !== undefined)) return new Map(found.flatMap(one => Object.entries(one)))
  context.addIssue('must name readable JSON files, each an object of hashes and documents')
  return z.NEVER
})

function readDocuments(file: string): Record<string, string> | undefined {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

function readKey(file: string): KeyObject | undefined {
  try {
    return createPrivateKey(readFileSync(file))
  } catch {
    return undefined
  }
}

const hasWeight = (url: string): boolean => !URL.canParse(url) || smtpServer(url).weight > 0
const isSecureOrLoopback = (value: string): boolean =>
  !value.startsWith('http:') || (URL.canParse(value) && LOOPBACK.test(new URL(value).hostname))

const isOrigin = (value: string): boolean => URL.canParse(value) && new URL(value).origin === value

/** As URLs have it: lower case, ASCII. */
const hostName = z
  .string()
  .refine(
    value => URL.canParse(`https://${value}/`) && new URL(`https://${value}/`).hostname === value,
    'must be host names such as www.example.org, in lower case, others than ASCII as xn--',
  )

const environment = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  DATABASE_URL: urlWith('mysql', 'mariadb'),
  DATABASE_MIGRATION_URL: urlWith('mysql', 'mariadb').optional(),
  REDIS_URL: listOf(urlWith('redis', 'rediss')),
  SMTP_URL: listOf(urlWith('smtp', 'smtps')).refine(
    urls => urls.every(hasWeight),
    'weight must be a number above 0',
  ),
  SMTP_CONNECTIONS: whole(1, 500).default(20),
  SMTP_TRANSPORT: z.enum(['pipelined', 'plain']).default('pipelined'),
  FREQUENCY_CEILING: frequencyCeiling.default({ perDay: 1, perWeek: 3, perMonth: 8 }),
  SEND_LIMITS: sendLimits.default({ sender: undefined, groups: new Map(), others: undefined }),
  QUIET_HOURS: quietHours.optional(),
  RATE_LIMITS: rates.optional(),
  TRUSTED_PROXIES: listOf(network).default(['loopback']),
  PUBLIC_URL: urlWith('http', 'https')
    .refine(isSecureOrLoopback, 'must be https unless it is a loopback address')
    .transform(value => new URL(value))
    .optional(),
  OWN_HOSTS: listOf(hostName).default([]),
  LINK_CHECKS: z.enum(['on', 'off'], 'must be on or off').default('off'),
  ALLOWED_ORIGINS: listOf(
    z
      .string()
      .refine(isOrigin, 'must be origins such as https://www.example.org')
      .refine(isSecureOrLoopback, 'must be https unless it is a loopback address'),
  ).default([]),
  TRUSTED_DOCUMENTS: trustedDocuments.default(new Map()),
  REQUEST_SECONDS: seconds(1, 600).default(30_000),
  MAX_REQUESTS: whole(1, 100_000).default(200),
  MAX_CONNECTIONS: whole(1, 1_000_000).default(10_000),
  MAX_CONNECTIONS_PER_ADDRESS: whole(1, 1_000_000).default(250),
  PORT: whole(1, 65535).default(4000),
  HOST: z.string().default('127.0.0.1'),
  SECRET_KEYS: secretKeys,
  ADDRESS_KEY: addressKey,
  STATE_DIR: z.string(),
  SITE_NAME: z.string().min(1).max(100).default('We Interrupt'),
  SITE_CONTACT: mailbox.optional(),
  LOCALES: listOf(z.enum(['en', 'de'], 'must name shipped locales: en, de'))
    .refine(locales => new Set(locales).size === locales.length, 'names a locale twice')
    .default(['en', 'de']),
  MAIL_FROM: mailbox,
  MAIL_FROM_NOTICES: mailbox.optional(),
  BOUNCE_DOMAIN: z.hostname().optional(),
  DKIM_KEY_FILE: dkimKey.optional(),
  DKIM_SELECTOR: z.string().refine(isDnsName, 'must be a DNS name such as s2026').optional(),
  POSTAL_ADDRESS: z.string().min(5).max(300),
  MINIMUM_AGE: whole(13, 16).default(13),
  JURISDICTION: z
    .string()
    .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'must be an ISO 3166 code such as DE or US-CA')
    .optional(),
  SUPERVISORY_AUTHORITY: z.string().max(200).optional(),
  SEND_LOG_DAYS: whole(60, 366).default(90),
  CONSENT_PROOF_YEARS: whole(3, 6).default(3),
  NOTICE_DAYS: whole(31, 366).default(90),
  DATABASE_WAIT_SECONDS: seconds(1, 600).default(10_000),
  SECOND_PERSON: z.enum(['on', 'off'], 'must be on or off').default('off'),
  LEASE_SECONDS: seconds(1, 600).default(30_000),
  SWEEP_SECONDS: seconds(0.2, 60).default(5_000),
  UNDO_SECONDS: seconds(0, 3600).default(120_000),
  WATCHDOG_SECONDS: seconds(2, 3600).default(60_000),
  SHUTDOWN_GRACE: seconds(1, 600).default(30_000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

const defaultRates = parseRates(DEFAULT_RATES, problem => {
  throw new Error(problem)
})

/** Every variable the product reads; `.env.example` is tested against this list. */
export const environmentNames: readonly string[] = [
  ...Object.keys(environment.shape),
  ...secretNames.map(name => `${name}_FILE`),
  'LOCAL_DIR',
]

/** Where local mode keeps its data: `LOCAL_DIR`, or `.local` in the working directory. */
export const localDirOf = (env: NodeJS.ProcessEnv): string => resolve(env.LOCAL_DIR || '.local')

/** The private processes' addresses, or undefined when local mode is not running. */
export function readLocalPorts(localDir: string): LocalPorts | undefined {
  try {
    return JSON.parse(readFileSync(join(localDir, 'ports.json'), 'utf8')) as LocalPorts
  } catch {
    return undefined
  }
}

const localDefaults = (ports: LocalPorts | undefined, localDir: string): Record<string, unknown> => ({
  DATABASE_URL: ports?.databaseUrl,
  DATABASE_MIGRATION_URL: ports?.databaseMigrationUrl,
  REDIS_URL: ports?.redisUrl,
  SMTP_URL: ports?.smtpUrl,
  PORT: ports && String(ports.port),
  SECRET_KEYS: ports?.secretKeys,
  ADDRESS_KEY: ports?.addressKey,
  STATE_DIR: join(localDir, 'state'),
  OWN_HOSTS: ports && 'weinterrupt.example',
  MAIL_FROM: ports && 'news@weinterrupt.example',
  MAIL_FROM_NOTICES: ports && 'hello@weinterrupt.example',
  POSTAL_ADDRESS: ports && 'We Interrupt, 1 Example Street, 12345 Example Town',
})

const explain = (
  issue: { path: PropertyKey[]; message: string; code?: string },
  env: Record<string, unknown>,
) => {
  const name = String(issue.path[0] ?? '')
  return env[name] === undefined ? `${name} is missing` : `${name} ${issue.message}`
}

function smtpServer(url: string): SmtpServer {
  const parsed = new URL(url)
  const weight = Number(parsed.searchParams.get('weight') ?? 1)
  parsed.searchParams.delete('weight')
  return { url: parsed.toString(), weight }
}

/** The key says nothing without its selector, nor the selector without its key. */
function halfOfDkim(env: Record<string, unknown>): { path: string[]; message: string }[] {
  const names = ['DKIM_KEY_FILE', 'DKIM_SELECTOR']
  const missing = names.filter(name => env[name] === undefined)
  return missing.length === 1 ? [{ path: missing, message: '' }] : []
}

function dkimOf(value: z.infer<typeof environment>): Config['dkim'] {
  const { DKIM_KEY_FILE: privateKey, DKIM_SELECTOR: selector, MAIL_FROM: from } = value
  const domain = from.slice(from.lastIndexOf('@') + 1).toLowerCase()
  return privateKey && selector ? { domain, selector, privateKey } : undefined
}

/** Private servers, keys and sender stand in only for parts that are private: never for a site of its own. */
function defaultsFor(
  given: Record<string, unknown>,
  ports: LocalPorts | undefined,
  localDir: string,
): Record<string, unknown> {
  const isReplaced = Boolean(given.DATABASE_URL && given.REDIS_URL && given.SMTP_URL)
  const defaults = localDefaults(isReplaced ? undefined : ports, localDir)
  return given.DATABASE_URL ? { ...defaults, DATABASE_MIGRATION_URL: undefined } : defaults
}

/**
 * Parses the environment and the files that hold secrets; what local mode runs privately fills the parts not set.
 * Empty variables count as not set. Throws ConfigError naming all problems at once.
 */
export function loadConfig(env: NodeJS.ProcessEnv, ports = readLocalPorts(localDirOf(env))): Config {
  const localDir = localDirOf(env)
  const { values: given, problems } = withSecretFiles(withoutEmpty(env))
  const isLocal = !['DATABASE_URL', 'REDIS_URL', 'SMTP_URL'].some(name => given[name] ?? problems.get(name))
  if (isLocal && !ports)
    throw new ConfigError([
      'Local mode is not running: `npm start` starts it (or set DATABASE_URL, REDIS_URL and SMTP_URL)',
    ])
  const merged = { ...withoutUndefined(defaultsFor(given, ports, localDir)), ...given }
  const parsed = environment.safeParse(merged)
  const issues = [...(parsed.error?.issues ?? []), ...halfOfDkim(merged)]
  const others = issues.filter(issue => !problems.has(String(issue.path[0])))
  if (!parsed.success || issues.length > 0 || problems.size > 0)
    throw new ConfigError([...problems.values(), ...others.map(issue => explain(issue, merged))])
  const value = parsed.data
  const publicUrl = value.PUBLIC_URL ?? new URL(`http://127.0.0.1:${value.PORT}`)
  return Object.freeze({
    local: isLocal,
    localDir,
    mailboxUrl: given.SMTP_URL ? undefined : ports?.mailboxUrl,
    databaseUrl: value.DATABASE_URL,
    databaseMigrationUrl: value.DATABASE_MIGRATION_URL ?? value.DATABASE_URL,
    redisUrls: value.REDIS_URL,
    smtpServers: value.SMTP_URL.map(smtpServer),
    smtpConnections: value.SMTP_CONNECTIONS,
    smtpTransport: value.SMTP_TRANSPORT,
    frequencyCeiling: value.FREQUENCY_CEILING,
    sendLimits: value.SEND_LIMITS,
    quietHours: value.QUIET_HOURS,
    rates: value.RATE_LIMITS ?? (isLocal ? noRates : defaultRates),
    ratesForLoopback: value.RATE_LIMITS !== undefined,
    trustedProxies: value.TRUSTED_PROXIES.filter(one => one !== 'none'),
    publicUrl,
    ownHosts: [publicUrl.hostname, ...value.OWN_HOSTS],
    linkChecks: value.LINK_CHECKS === 'on',
    allowedOrigins: value.ALLOWED_ORIGINS,
    trustedDocuments: value.TRUSTED_DOCUMENTS,
    requestMs: value.REQUEST_SECONDS,
    maxRequests: value.MAX_REQUESTS,
    connectionLimits: { total: value.MAX_CONNECTIONS, perAddress: value.MAX_CONNECTIONS_PER_ADDRESS },
    port: value.PORT,
    host: value.HOST,
    secretKeys: value.SECRET_KEYS,
    addressKey: value.ADDRESS_KEY,
    stateDir: resolve(value.STATE_DIR),
    siteName: value.SITE_NAME,
    siteContact: value.SITE_CONTACT ?? value.MAIL_FROM,
    locales: value.LOCALES,
    mailFrom: value.MAIL_FROM,
    mailFromNotices: value.MAIL_FROM_NOTICES ?? value.MAIL_FROM,
    bounceDomain: value.BOUNCE_DOMAIN,
    dkim: dkimOf(value),
    postalAddress: value.POSTAL_ADDRESS,
    minimumAge: value.MINIMUM_AGE,
    jurisdiction: value.JURISDICTION,
    supervisoryAuthority: value.SUPERVISORY_AUTHORITY,
    sendLogDays: value.SEND_LOG_DAYS,
    consentProofYears: value.CONSENT_PROOF_YEARS,
    noticeDays: value.NOTICE_DAYS,
    databaseWaitMs: value.DATABASE_WAIT_SECONDS,
    secondPerson: value.SECOND_PERSON === 'on',
    leaseMs: value.LEASE_SECONDS,
    sweepMs: value.SWEEP_SECONDS,
    undoMs: value.UNDO_SECONDS,
    watchdogMs: value.WATCHDOG_SECONDS,
    shutdownGraceMs: value.SHUTDOWN_GRACE,
    logLevel: value.LOG_LEVEL,
    production: value.NODE_ENV === 'production',
  })
}

function withoutEmpty(env: NodeJS.ProcessEnv): Record<string, string> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return Object.fromEntries(set)
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

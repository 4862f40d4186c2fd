import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ConfigError, environmentNames, loadConfig } from '../src/config'

const key = Buffer.alloc(32, 7).toString('base64')
const complete = {
  DATABASE_URL: 'mysql://app:secret@db.example:3306/weinterrupt',
  REDIS_URL: 'redis://redis.example:6379',
  SMTP_URL: 'smtp://relay.example:587?weight=3,smtps://other.example',
  PUBLIC_URL: 'https://news.example.org',
  SECRET_KEYS: `2:${key},1:${key}`,
  ADDRESS_KEY: key,
  STATE_DIR: '/var/lib/weinterrupt',
  MAIL_FROM: 'news@example.org',
  POSTAL_ADDRESS: 'Example Street 1, Example Town',
}

const problemsOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    loadConfig(env, undefined)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test('a complete environment becomes a frozen configuration', () => {
  const config = loadConfig(complete, undefined)

  expect(Object.isFrozen(config)).toBe(true)
  expect(config).toMatchObject({
    local: false,
    port: 4000,
    leaseMs: 30_000,
    mailFromNotices: 'news@example.org',
  })
  expect(config.databaseMigrationUrl).toBe(complete.DATABASE_URL)
  expect(config.smtpServers).toEqual([
    { url: 'smtp://relay.example:587', weight: 3 },
    { url: 'smtps://other.example', weight: 1 },
  ])
  expect(config.secretKeys.map(one => one.id)).toEqual([2, 1])
})

test('all problems are reported at once', () => {
  const problems = problemsOf({
    ...complete,
    DATABASE_URL: 'postgres://db.example/weinterrupt',
    PORT: '99999',
    SECRET_KEYS: `1:${key},1:${key}`,
    ADDRESS_KEY: 'short',
    MAIL_FROM: 'News <news@example.org>',
    MINIMUM_AGE: '12',
    POSTAL_ADDRESS: '',
  })

  expect(problems).toHaveLength(7)
  for (const name of ['DATABASE_URL', 'PORT', 'SECRET_KEYS', 'ADDRESS_KEY', 'MAIL_FROM', 'MINIMUM_AGE'])
    expect(problems.some(problem => problem.startsWith(`${name} `))).toBe(true)
  expect(problems).toContain('POSTAL_ADDRESS is missing')
})

test('a public address without https is refused unless it is a loopback address', () => {
  expect(problemsOf({ ...complete, PUBLIC_URL: 'http://news.example.org' })).toEqual([
    'PUBLIC_URL must be https unless it is a loopback address',
  ])
  expect(problemsOf({ ...complete, PUBLIC_URL: 'http://127.0.0.1:4000' })).toEqual([])
  expect(problemsOf({ ...complete, PUBLIC_URL: 'http://127.0.0.1.evil.example' })).toHaveLength(1)
})

describe('rates', () => {
  test('as shipped outside local mode, or as set, when they also hold for callers on this machine', () => {
    const shipped = loadConfig(complete, undefined)
    expect(shipped).toMatchObject({ ratesForLoopback: false, trustedProxies: ['loopback'] })
    expect(shipped.rates.network).toEqual([
      { count: 5, seconds: 3600 },
      { count: 20, seconds: 86_400 },
    ])

    const set = loadConfig({ ...complete, RATE_LIMITS: ' network = 7/m ;; site=9/d ' }, undefined)
    expect(set.ratesForLoopback).toBe(true)
    expect(set.rates).toMatchObject({ network: [{ count: 7, seconds: 60 }], domain: [], breaker: [] })
    const none = Object.values(loadConfig({ ...complete, RATE_LIMITS: 'none' }, undefined).rates)
    expect(none.flat()).toEqual([])
  })

  test('.env.example shows the rates as shipped', () => {
    const [, text = ''] = /^# RATE_LIMITS="(.+)"$/m.exec(readFileSync('.env.example', 'utf8')) ?? []
    expect(loadConfig({ ...complete, RATE_LIMITS: text }, undefined).rates).toEqual(
      loadConfig(complete, undefined).rates,
    )
  })

  test.each([
    ['network', 'has the part "network", which is not NAME=RATES'],
    ['people=5/h', 'has the part "people=5/h", which is not NAME=RATES'],
    ['network=5/h=6', 'has the part "network=5/h=6", which is not NAME=RATES'],
    ['network=5/s', 'has "5/s" in "network=5/s" where a rate'],
    ['network=0/h', 'has "0/h" in "network=0/h" where a rate'],
    ['site=5/h; site=6/h', 'names "site" twice'],
    ['breaker=5/h,6/d', 'has two rates for "breaker"'],
  ])('%s is refused with its reason', (RATE_LIMITS, reason) => {
    const [problem, ...others] = problemsOf({ ...complete, RATE_LIMITS })
    expect(problem).toContain(`RATE_LIMITS ${reason}`)
    expect(others).toEqual([])
  })

  test.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', '2001:db8::/129', 'all', ''])(
    'TRUSTED_PROXIES=%s is refused or takes the default',
    TRUSTED_PROXIES => {
      expect(problemsOf({ ...complete, TRUSTED_PROXIES })).toHaveLength(TRUSTED_PROXIES ? 1 : 0)
    },
  )

  test('proxies may be addresses, networks, groups or none', () => {
    const proxies = (TRUSTED_PROXIES: string) =>
      loadConfig({ ...complete, TRUSTED_PROXIES }, undefined).trustedProxies
    expect(proxies('loopback, 10.0.0.0/8,2001:db8::1')).toEqual(['loopback', '10.0.0.0/8', '2001:db8::1'])
    expect(proxies('none')).toEqual([])
  })
})

describe('the DKIM key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weinterrupt-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const keyFile = (name: string, key: KeyObject | string): string => {
    const file = join(folder, name)
    const isPem = typeof key === 'string'
    writeFileSync(
      file,
      isPem ? key : key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }),
    )
    return file
  }
  const ed25519 = generateKeyPairSync('ed25519')
  const good = keyFile('good.pem', ed25519.privateKey)

  test('is read with its selector, for the domain of the sender', () => {
    const { dkim } = loadConfig(
      { ...complete, MAIL_FROM: 'news@Example.org', DKIM_KEY_FILE: good, DKIM_SELECTOR: 's2026' },
      undefined,
    )

    expect(dkim).toMatchObject({ domain: 'example.org', selector: 's2026' })
    expect(dkim?.privateKey.equals(ed25519.privateKey)).toBe(true)
    expect(loadConfig(complete, undefined).dkim).toBeUndefined()
  })

  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const locked = generateKeyPairSync('ed25519').privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  })
  const unreadable = 'DKIM_KEY_FILE must name a readable PEM file with a private key without passphrase'
  test.each<[string, Record<string, string>, string]>([
    ['no selector', { DKIM_KEY_FILE: good }, 'DKIM_SELECTOR is missing'],
    ['no key', { DKIM_SELECTOR: 's' }, 'DKIM_KEY_FILE is missing'],
    ['no file', { DKIM_KEY_FILE: join(folder, 'none.pem'), DKIM_SELECTOR: 's' }, unreadable],
    ['no PEM', { DKIM_KEY_FILE: keyFile('canary', 'canary'), DKIM_SELECTOR: 's' }, unreadable],
    ['a passphrase', { DKIM_KEY_FILE: keyFile('locked', String(locked)), DKIM_SELECTOR: 's' }, unreadable],
    [
      'only the public half',
      { DKIM_KEY_FILE: keyFile('public', ed25519.publicKey), DKIM_SELECTOR: 's' },
      unreadable,
    ],
    [
      '1024 bits',
      { DKIM_KEY_FILE: keyFile('weak', weak), DKIM_SELECTOR: 's' },
      'DKIM_KEY_FILE must hold an RSA key of at least 2048 bits',
    ],
    [
      'a selector with a blank',
      { DKIM_KEY_FILE: good, DKIM_SELECTOR: 'a b' },
      'DKIM_SELECTOR must be a DNS name such as s2026',
    ],
  ])('with %s is one problem beside the others', (_, env, problem) => {
    expect(problemsOf({ ...complete, ...env })).toEqual([problem])
    expect(problemsOf({ ...complete, ...env, PORT: 'x' })).toEqual(expect.arrayContaining([problem]))
    expect(problemsOf({ ...complete, ...env, PORT: 'x' })).toHaveLength(2)
  })
})

describe('a secret in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weinterrupt-secrets-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const names = [
    'DATABASE_URL',
    'DATABASE_MIGRATION_URL',
    'REDIS_URL',
    'SMTP_URL',
    'SECRET_KEYS',
    'ADDRESS_KEY',
  ]
  const values: Record<string, string> = {
    ...complete,
    DATABASE_MIGRATION_URL: 'mysql://owner:secret@db.example/weinterrupt',
  }
  const fileOf = (name: string, text = `${values[name]}\n`): string => {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  }

  test('stands for every variable that is a secret or may hold a password', () => {
    const files = Object.fromEntries(names.map(name => [`${name}_FILE`, fileOf(name)]))
    const others = Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))

    expect(loadConfig({ ...others, ...files }, undefined)).toEqual(loadConfig(values, undefined))
  })

  test('that is missing, empty or given twice is one problem each, beside the others', () => {
    const { DATABASE_URL: _, SECRET_KEYS: __, ...others } = values
    const problems = problemsOf({
      ...others,
      PORT: 'x',
      DATABASE_URL_FILE: join(folder, 'none'),
      SECRET_KEYS_FILE: fileOf('empty', '\n'),
      ADDRESS_KEY_FILE: fileOf('ADDRESS_KEY'),
    })

    expect([...problems].sort()).toEqual([
      'ADDRESS_KEY and ADDRESS_KEY_FILE are both set',
      'DATABASE_URL_FILE must name a readable file',
      'PORT must be a whole number',
      'SECRET_KEYS_FILE names an empty file',
    ])
  })

  test('is checked like the variable, and its content is not repeated', () => {
    const { SECRET_KEYS: _, ...others } = values
    const problems = problemsOf({ ...others, SECRET_KEYS_FILE: fileOf('canary', 'canary-secret') })

    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^SECRET_KEYS must be ID:BASE64/)
    expect(problems.join()).not.toContain('canary')
  })
})

test('no problem repeats a secret', () => {
  const text = problemsOf({
    ...complete,
    SECRET_KEYS: 'canary-secret',
    DATABASE_URL: 'canary-password',
  }).join()

  expect(text).not.toContain('canary')
})

test('times are seconds, also parts of them, within their bounds', () => {
  const times = { LEASE_SECONDS: '45', SWEEP_SECONDS: '0.25' }
  expect(loadConfig({ ...complete, ...times }, undefined)).toMatchObject({ leaseMs: 45_000, sweepMs: 250 })
  for (const [SWEEP_SECONDS, problem] of [
    ['0.1', 'must be at least 0.2'],
    ['61', 'must be at most 60'],
    ['5s', 'must be a number of seconds'],
    ['1e1', 'must be a number of seconds'],
  ])
    expect(problemsOf({ ...complete, SWEEP_SECONDS })).toEqual([`SWEEP_SECONDS ${problem}`])
})

test('limits and quiet hours are none unless set', () => {
  expect(loadConfig(complete, undefined)).toMatchObject({
    sendLimits: { sender: undefined, groups: new Map(), others: undefined },
    quietHours: undefined,
  })
  const set = {
    ...complete,
    SEND_LIMITS: ' sender = 20/s ; GMAIL.com , googlemail.com=300/m, 10000/d;*=2/h;',
    QUIET_HOURS: '22-7',
  }
  const google = { name: 'gmail.com', limit: { perHour: 18_000, perDay: 10_000 } }
  expect(loadConfig(set, undefined)).toMatchObject({
    sendLimits: {
      sender: { name: 'sender', limit: { perHour: 72_000, perDay: undefined } },
      groups: new Map([
        ['gmail.com', google],
        ['googlemail.com', google],
      ]),
      others: { perHour: 2, perDay: undefined },
    },
    quietHours: { from: 22, to: 7 },
  })
})

test.each([
  ['gmail.com', 'has the part "gmail.com", which is not NAMES=LIMITS'],
  ['gmail.com=5/s=3', 'which is not NAMES=LIMITS'],
  ['gmail.com=5', 'has "5" in "gmail.com=5" where a limit such as 5/s'],
  ['gmail.com=0/s', 'has "0/s"'],
  ['gmail.com=1.5/s', 'has "1.5/s"'],
  ['gmail.com=', 'has "" in "gmail.com="'],
  ['gmail.com=1000001/s', 'which is more than 1000000/s'],
  ['gmail.com=5/s,1000000001/d', 'which is more than 1000000/s or 1000000000/d'],
  ['gmail.com=5/d', 'has no rate'],
  ['gmail.com=5/s,6/m', 'has two limits of a kind'],
  ['gmail.com=5/s,6/d,7/d', 'has two limits of a kind'],
  ['gmail=5/s', 'has "gmail" in "gmail=5/s", which is not a domain'],
  ['münchen.example=5/s', 'which is not a domain (xn-- form)'],
  ['news@site.example=5/s', 'which is not a domain'],
  ['sender,gmail.com=5/s', 'has "sender" together with others'],
  ['gmail.com=5/s;a.example,gmail.com=5/s', 'names "gmail.com" twice'],
  ['sender=5/s;sender=6/s', 'names "sender" twice'],
])('a mistake in the limits is one line: %s', (SEND_LIMITS, problem) => {
  expect(problemsOf({ ...complete, SEND_LIMITS })).toEqual([expect.stringContaining(problem)])
})

test('all mistakes in the limits are told, and quiet hours are two hours of the day', () => {
  expect(problemsOf({ ...complete, SEND_LIMITS: 'gmail=5/s; *=3; sender' })).toHaveLength(3)
  for (const QUIET_HOURS of ['22', '22-24', '7-7', '-1-5', '22:00-7:00', 'night'])
    expect(problemsOf({ ...complete, QUIET_HOURS })).toEqual([expect.stringContaining('QUIET_HOURS ')])
})

test('local mode needs nothing but its running servers, and says how to start them', () => {
  expect(problemsOf({})).toEqual([expect.stringContaining('npm start')])
  const ports = {
    pid: 1,
    databaseUrl: 'mysql://127.0.0.1:1/weinterrupt',
    redisUrl: 'redis://127.0.0.1:2',
    smtpUrl: 'smtp://127.0.0.1:3',
    port: 4001,
    secretKeys: `1:${key}`,
    addressKey: key,
  }

  expect(loadConfig({}, ports)).toMatchObject({ local: true, port: 4001 })
  expect(loadConfig({ SMTP_URL: 'smtp://relay.example' }, ports).local).toBe(false)
})

test('.env.example names every variable the product reads, and no other', () => {
  const text = readFileSync(resolve(__dirname, '../.env.example'), 'utf8')
  const names = [...text.matchAll(/^([A-Z_]+)=/gm)].map(match => match[1])

  expect([...names].sort()).toEqual([...environmentNames].sort())
})

test.each(['api', 'worker'])(
  'the %s process lists what is wrong with the environment and exits with 1',
  name => {
    const env = { PATH: process.env.PATH, ...complete, PORT: 'x', MAIL_FROM: '' }
    const ended = spawnSync(process.execPath, [resolve(__dirname, `../dist/${name}/main.js`)], {
      env,
      encoding: 'utf8',
    })

    expect(ended.status).toBe(1)
    expect(ended.stderr).toContain('- PORT must be a whole number')
    expect(ended.stderr).toContain('- MAIL_FROM is missing')
  },
)

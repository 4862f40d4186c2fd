import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, redact } from '../src/log'
import { createKeyring } from '../src/secrets/keyring'
import { makeToken } from '../src/secrets/token'
import { findLeaks } from './support/leaks'

const folder = mkdtempSync(join(tmpdir(), 'weinterrupt-leaks-'))

const keyring = createKeyring([{ id: 1, secret: Buffer.alloc(32, 1) }], Buffer.alloc(32, 2))
const token = makeToken(keyring, 'unsubscribe', Buffer.alloc(16, 3))
const log = join(folder, 'log-1')
const elsewhere = mkdtempSync(join(tmpdir(), 'weinterrupt-leaks-'))
const secrets = [
  'Ada',
  'Grace "Hopper"',
  'Ünsal Öz',
  'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=',
  'correct horse battery',
]

afterAll(() => {
  for (const dir of [folder, elsewhere]) rmSync(dir, { recursive: true })
})

beforeAll(() => {
  writeFileSync(join(folder, 'canaries-1'), secrets.map(one => `${JSON.stringify(one)}\n`).join(''))
})

describe('the search after every run of the tests', () => {
  test.each([...secrets, 'ada@example.org', token, `b+${token}@bounces.example.org`])(
    'finds %s where a process has logged it, in clear or in JSON, and in jobs',
    leak => {
      const jobs = join(elsewhere, 'jobs.aof')
      const lines = [`before ${leak} after`, JSON.stringify({ msg: `before ${leak} after` })]
      for (const file of [log, jobs])
        for (const line of lines) {
          for (const one of [log, jobs]) writeFileSync(one, 'a line with an Adapter\n')
          expect(findLeaks(folder, [jobs]).leaks).toEqual([])

          writeFileSync(file, `a line\n${line}\nanother\n`)

          expect(findLeaks(folder, [jobs]).leaks[0]).toContain(line)
        }
      rmSync(jobs)
    },
  )
})

describe('the logger', () => {
  test('masks addresses and tokens in texts and in fields, however deep', () => {
    const file = join(elsewhere, 'written')
    const logger = createLog('trace', 'test', file)
    const texts = [
      'to ada@example.org',
      `GET /u/${token}`,
      `for ${token}`,
      'Authorization: Bearer abc-DEF_1.2~3+/=',
    ]

    for (const text of texts) {
      logger.info(text)
      logger.warn({ text, deep: [{ text }], reason: text }, 'fields')
      logger.error({ err: Object.assign(new Error(text), { code: 'E' }) }, 'an error')
    }

    expect(findLeaks(elsewhere).leaks).toEqual([])
    expect(redact(texts.join())).not.toMatch(/ada|abc-DEF/)
  })
})

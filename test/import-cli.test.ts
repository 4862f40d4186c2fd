import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { operator } from '../src/consent/audit'
import { Delivery } from '../src/entities/delivery'
import { ImportJob } from '../src/entities/import-job'
import { Reader } from '../src/entities/reader'
import { SuppressionReason } from '../src/entities/suppression'
import { runImport } from '../src/imports/run-import'
import { startImport } from '../src/imports/start-import'
import { transaction } from '../src/transaction'
import { makeStaff, makeTopic, register, registerInput, type Staff, uniqueAddress } from './support/actors'
import type { AnyData } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { until } from './support/checker'
import { type Outcome, runWeinterrupt, runWithInput } from './support/command'
import { EVIDENCE, fileOf, HEADER, line } from './support/importing'
import { type Product, startProduct } from './support/product'
import { hashOfAddress, readerOf, suppressAddress, suppressionsOf } from './support/rows'
import { startNewsletter } from './support/started'

// Each command is a process of its own, which takes its time to start on a busy machine.
jest.setTimeout(180_000)

const folder = mkdtempSync(join(tmpdir(), 'weinterrupt-import-'))
let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly', 'Weekly')
})
afterAll(async () => {
  await product?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const manager = () => product.connections.db.manager
const run = (...args: string[]): Promise<Outcome> => runWeinterrupt(product.env, ...args)

let files = 0
function written(text: string): string {
  const path = join(folder, `${files++}.csv`)
  writeFileSync(path, text)
  return path
}
const readers = (file: string, ...more: string[]): Promise<Outcome> =>
  run('import', 'readers', file, '--policy', '1', '--topic', 'weekly', ...more)
const isReader = (email: string): Promise<boolean> =>
  manager().existsBy(Reader, { addressHash: hashOfAddress(product, email) })

describe('import readers', () => {
  test('tells what became of each row, by its number and never by its address', async () => {
    const [good, bad] = [uniqueAddress(), uniqueAddress()]

    const { code, out, err } = await readers(written(fileOf({ email: good }, { email: bad, source: '' })))

    expect(code).toBe(0)
    expect(out).toBe(
      'row 3: The source of the consent is missing.\n2 rows: 1 accepted, 0 unchanged, 1 refused.\n',
    )
    expect(err).toMatch(/^Import [0-9a-f-]{36}; should it break off: --resume [0-9a-f-]{36}\n$/)
    expect([await isReader(good), await isReader(bad)]).toEqual([true, false])
  })

  test('reads standard input, and answers as JSON', async () => {
    const text = fileOf({ email: uniqueAddress() }, { email: 'nobody' }).replace('source', 'origin')
    const args = ['import', 'readers', '-', '--policy', '1', '--topic', 'weekly', '--json']
    const evidence = ['--evidence', 'origin, consented_at, wording']

    const { code, out } = await runWithInput(product.env, text, ...args, ...evidence)

    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      state: 'completed',
      rows: 2,
      accepted: 1,
      rejected: [{ row: 3, reason: 'email', message: 'This is not an address we can send to.' }],
    })
  })

  test.each([
    [
      'a file that is not there',
      ['nowhere.csv', '--policy', '1', '--topic', 'weekly'],
      'There is no such file, or it cannot be read.',
    ],
    [
      'an unknown policy version',
      [written('x'), '--policy', '7', '--topic', 'weekly'],
      '--policy: there is no such policy version.',
    ],
    [
      'an unknown topic',
      [written('x'), '--policy', '1', '--topic', 'none'],
      '--topic: there is no such topic.',
    ],
    [
      'too little evidence',
      [written('x'), '--policy', '1', '--evidence', 'source'],
      '--evidence must name the columns',
    ],
    [
      'an import that does not exist',
      [written('x'), '--policy', '1', '--resume', 'x'],
      'There is no such import.',
    ],
    [
      'a column of ages',
      [written(`${HEADER},age\n`), '--policy', '1', '--topic', 'weekly'],
      'The file was given up at row 1. The file has a column about age or birth.',
    ],
  ])('ends with 1 for %s', async (_what, args, words) => {
    const { code, err } = await run('import', 'readers', ...args)

    expect(code).toBe(1)
    expect(err).toContain(words)
  })

  test('killed in the middle it goes on where it was', async () => {
    const count = 3000
    const emails = Array.from({ length: count }, uniqueAddress)
    const file = written(fileOf(...emails.map(email => ({ email }))))
    const before = await manager().count(Reader)
    const args = [
      resolve('dist/cli/main.js'),
      'import',
      'readers',
      file,
      '--policy',
      '1',
      '--topic',
      'weekly',
    ]
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH, ...product.env },
      stdio: 'ignore',
    })
    const latest = async () => (await manager().find(ImportJob, { order: { id: 'DESC' }, take: 1 }))[0]
    await until(
      async () => ((await latest())?.position ?? 0) > 0 && (await latest())?.state === 'running',
      'rows are done',
    )
    child.kill('SIGKILL')
    await once(child, 'exit')
    const job = await latest()
    if (!job) throw new Error('No import')
    expect(job.position).toBeLessThan(count)
    expect(await manager().count(Reader)).toBe(before + job.position)

    const { code, out } = await readers(file, '--resume', job.publicId)

    expect([code, out]).toEqual([0, `${count} rows: ${count} accepted, 0 unchanged, 0 refused.\n`])
    expect(await manager().count(Reader)).toBe(before + count)
  })

  test('of thousands of rows no more is in memory at the end than at the beginning', async () => {
    const { db, keyring } = product.connections
    const settings = {
      kind: 'readers' as const,
      evidenceColumns: EVIDENCE,
      policyNumber: 1,
      topicSlugs: ['weekly'],
    }
    const { job } = await transaction(db, tx =>
      startImport(tx, settings, { staffId: null, fileName: 'large.csv' }),
    )
    async function* file() {
      yield Buffer.from(`${HEADER}\n`)
      for (let n = 0; n < 6_000; n += 100)
        yield Buffer.from(
          `${Array.from({ length: 100 }, (_, i) => line({ email: `n${n + i}@many.example`, wording: `${n + i} ${'yes '.repeat(800)}` })).join('\n')}\n`,
        )
    }
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const heaps: number[] = []
    const onBatch = ({ position }: ImportJob) => {
      if (position !== 2_000 && position !== 6_000) return
      collect()
      heaps.push(process.memoryUsage().heapUsed / 1024 ** 2)
    }

    const ended = await runImport({ db, keyring, actor: operator, onBatch }, job.id, file())

    expect(ended).toMatchObject({ accepted: 6_000 })
    const [early = 0, late = Number.POSITIVE_INFINITY] = heaps
    // Four thousand rows that were kept would take more than 12 MB.
    expect(late - early).toBeLessThan(6)
  })
})

describe('import suppressions', () => {
  test('suppresses known and unknown addresses, each for its reason, and no delivery passes its gate any more', async () => {
    const [known, waiting] = await makeReaders(product, 2)
    if (!known || !waiting) throw new Error('No readers')
    const started = await startNewsletter(product, admin, topic.id)
    const [unknown, complained, twice] = [uniqueAddress(), uniqueAddress(), uniqueAddress()]
    const rows = [
      `${known.email},`,
      `${unknown},unsubscribed_all`,
      `${complained},COMPLAINT`,
      `${twice},`,
      `${twice},manual`,
    ]
    const file = written(['email,reason', ...rows, 'nobody,', 'a@example.org,ERASED', ''].join('\n'))

    const { code, out } = await run('import', 'suppressions', file, '--reason', 'hard_bounce')

    expect(code).toBe(0)
    expect(out).toContain('7 rows: 5 accepted, 0 unchanged, 2 refused.')
    expect(await suppressionsOf(product, known.email)).toEqual(['HARD_BOUNCE'])
    expect(await suppressionsOf(product, unknown)).toEqual(['UNSUBSCRIBED_ALL'])
    expect(await suppressionsOf(product, complained)).toEqual(['COMPLAINT'])
    expect((await suppressionsOf(product, twice)).sort()).toEqual(['HARD_BOUNCE', 'MANUAL'])
    const delivery = await manager().findOneByOrFail(Delivery, {
      newsletterId: started.newsletter.id,
      readerId: known.id,
    })
    expect(delivery).toMatchObject({ status: 'skipped', skipReason: 'SUPPRESSED_BOUNCE' })
    expect((await readerOf(product, known.email)).version).toBe(known.version + 1)
    expect(await started.gate(waiting.id)).toMatchObject({ kind: 'passed' })
  })

  test('lifts and softens nothing', async () => {
    const email = uniqueAddress()
    await suppressAddress(product, email, SuppressionReason.COMPLAINT)

    const file = written(`email,reason\n${email},UNSUBSCRIBED_ALL\n${email},COMPLAINT\n`)
    expect((await run('import', 'suppressions', file)).out).toContain('1 accepted, 1 unchanged')

    expect((await suppressionsOf(product, email)).sort()).toEqual(['COMPLAINT', 'UNSUBSCRIBED_ALL'])
  })

  test('knows no other reasons', async () => {
    const { code, err } = await run('import', 'suppressions', written('email\n'), '--reason', 'ERASED')
    expect([code, err]).toEqual([
      1,
      '--reason must be one of HARD_BOUNCE, COMPLAINT, UNSUBSCRIBED_ALL, MANUAL.\n',
    ])
  })
})

describe('suppress check and why', () => {
  test('say by what an address is suppressed', async () => {
    const email = uniqueAddress()
    expect((await run('suppress', 'check', email)).out).toBe('Not suppressed.\n')
    await suppressAddress(product, email, SuppressionReason.COMPLAINT)

    expect((await run('suppress', 'check', email.toUpperCase())).out).toMatch(
      /^COMPLAINT since \d{4}-\d\d-\d\dT[\d:.]+Z\n$/,
    )
    expect(JSON.parse((await run('suppress', 'check', email, '--json')).out)).toMatchObject({
      suppressed: true,
      suppressions: [{ reason: 'COMPLAINT' }],
    })
  })

  test('say why a reader gets what, what became of newsletters, and who only waits', async () => {
    const [reader] = await makeReaders(product, 1)
    if (!reader) throw new Error('No reader')
    const started = await startNewsletter(product, admin, topic.id)
    await suppressAddress(product, reader.email, SuppressionReason.HARD_BOUNCE)
    const pending = await registerInput(product, ['topic:weekly'])
    await register(product, pending)

    const known = await run('suppress', 'why', reader.email)
    const waits = await run('suppress', 'why', pending.email)
    const unknown = await run('suppress', 'why', uniqueAddress(), '--json')

    expect(known.out).toContain('weekly: SUPPRESSED_BOUNCE\n')
    expect(known.out).toContain(`${started.newsletter.publicId}: skipped (SUPPRESSED_BOUNCE)\n`)
    expect(waits.out).toMatch(
      /^No reader has this address.\nA sign-up waits for its confirmation since .+Z.\n$/,
    )
    expect(JSON.parse(unknown.out)).toEqual({
      isReader: false,
      pendingSince: null,
      topics: [],
      deliveries: [],
    })
    expect((await run('suppress', 'why', 'nobody')).code).toBe(1)
    expect((await run('suppress', 'check', 'nobody')).code).toBe(1)
  })
})

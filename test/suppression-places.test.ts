// Suppressions are looked at in three places: sign-up and import, expansion, gate. With any two of them forgotten the third
// still stops the mail.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Reader } from '../src/entities/reader'
import { SuppressionReason } from '../src/entities/suppression'
import {
  makeNewsletter,
  makeStaff,
  makeTopic,
  type Staff,
  scheduleNow,
  uniqueAddress,
  waitForStatus,
} from './support/actors'
import { deliveredOf, rowsOf } from './support/checker'
import { runWeinterrupt } from './support/command'
import { fileOf } from './support/importing'
import { type Product, startProduct } from './support/product'
import { hashOfAddress, readerOf, suppressAddress } from './support/rows'
import { endWorkerProcesses, startWorkerProcess } from './support/worker-process'

type Place = 'import' | 'expansion' | 'claim' | 'gate'

// Processes of their own take their time to start on a busy machine.
jest.setTimeout(180_000)

const folder = mkdtempSync(join(tmpdir(), 'weinterrupt-places-'))
const kinds = Object.values(SuppressionReason)
let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
})
afterEach(endWorkerProcesses)
afterAll(() => product?.stop())

const forgetting = (...places: Place[]): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--require ${resolve('test/support/without-suppressions.cjs')}`,
  WITHOUT_SUPPRESSIONS: places.join(),
})

interface Outcome {
  /** Who got the newsletter. */
  received: string[]
  /** The reason each kind of suppression was skipped with; undefined: there is no row. */
  reasons: (string | null | undefined)[]
}

/**
 * One address suppressed by each kind and one that is not are imported and then get a newsletter, from processes in which
 * these places look away.
 */
async function sendForgetting(
  slug: string,
  ...places: Place[]
): Promise<Outcome & { free: string; blocked: string[] }> {
  startWorkerProcess(product, forgetting(...places))
  const topic = await makeTopic(product, admin, slug)
  const free = uniqueAddress()
  const blocked = kinds.map(() => uniqueAddress())
  for (const [index, email] of blocked.entries())
    await suppressAddress(product, email, kinds[index] ?? SuppressionReason.MANUAL)
  const file = join(folder, `${slug}.csv`)
  writeFileSync(file, fileOf(...[free, ...blocked].map(email => ({ email }))))
  const env = { ...product.env, ...forgetting(...places) }
  const { code, err } = await runWeinterrupt(env, 'import', 'readers', file, '--policy', '1', '--topic', slug)
  if (code !== 0) throw new Error(err)
  const { id } = await makeNewsletter(product, admin, topic.id)
  await scheduleNow(product, admin, id)
  await waitForStatus(product, admin, id, 'SENT')
  const rows = await rowsOf(product, id)
  const reasons = blocked.map(async email => {
    if (!(await isReader(email))) return undefined
    const reader = await readerOf(product, email)
    return rows.find(row => row.readerId === reader.id)?.skipReason
  })
  return {
    free,
    blocked,
    received: deliveredOf(product, id).flatMap(mail => mail.to),
    reasons: await Promise.all(reasons),
  }
}

const isReader = (email: string): Promise<boolean> =>
  product.connections.db.manager.existsBy(Reader, { addressHash: hashOfAddress(product, email) })

const REASONS: Record<SuppressionReason, string> = {
  HARD_BOUNCE: 'SUPPRESSED_BOUNCE',
  COMPLAINT: 'SUPPRESSED_COMPLAINT',
  UNSUBSCRIBED_ALL: 'SUPPRESSED_UNSUBSCRIBED',
  ERASED: 'ERASED',
  MANUAL: 'SUPPRESSED_MANUAL',
}
const skipped = kinds.map(kind => REASONS[kind])

test('with expansion and gate looking away the import stops every kind', async () => {
  const { free, received, reasons } = await sendForgetting('at-import', 'expansion', 'claim', 'gate')

  expect(received).toEqual([free])
  expect(reasons).toEqual(kinds.map(() => undefined))
})

test('with import and gate looking away the expansion stops every kind', async () => {
  const { free, received, reasons } = await sendForgetting('at-expansion', 'import', 'claim', 'gate')

  expect(received).toEqual([free])
  expect(reasons).toEqual(skipped)
})

test('with import and expansion looking away the gate stops every kind', async () => {
  const { free, received, reasons } = await sendForgetting('at-gate', 'import', 'expansion', 'claim')

  expect(received).toEqual([free])
  expect(reasons).toEqual(skipped)
})

test('with all of them looking away nothing stops it: that is what they are for', async () => {
  const { free, blocked, received } = await sendForgetting('nowhere', 'import', 'expansion', 'claim', 'gate')

  expect(received.sort()).toEqual([free, ...blocked].sort())
})

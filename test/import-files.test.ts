import { Readable } from 'node:stream'
import fc from 'fast-check'
import { decode } from '../src/imports/decode'
import { readCsv } from '../src/imports/read-csv'
import { makeStaff, makeTopic, type Staff, uniqueAddress } from './support/actors'
import type { AnyData } from './support/api'
import {
  collectedAt,
  fileOf,
  HEADER,
  importFile,
  importOf,
  line,
  refusedRows,
  startImport,
  upload,
  WORDS,
} from './support/importing'
import { type Product, startProduct } from './support/product'
import { personOf } from './support/rows'

let product: Product
let admin: Staff

beforeAll(async () => {
  product = await startProduct({ worker: false })
  admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const take = (file: NonNullable<RequestInit['body']>): Promise<AnyData> => importFile(product, admin, file)
const row = (email = uniqueAddress()): string => line({ email })

const utf16 = (text: string): Buffer<ArrayBuffer> => Buffer.from(Buffer.from(text, 'utf16le'))
const swapped = (text: string): Buffer<ArrayBuffer> => Buffer.from(utf16(text).swap16())
const good: [what: string, file: () => NonNullable<RequestInit['body']>, accepted: number][] = [
  ['without a last line end', () => `${HEADER}\n${row()}`, 1],
  ['with a byte order mark', () => `\uFEFF${fileOf({ email: uniqueAddress() })}`, 1],
  ['in UTF-16', () => Buffer.from(`\uFEFF${fileOf({ email: uniqueAddress() })}`, 'utf16le'), 1],
  ['in UTF-16, big end first', () => swapped(`\uFEFF${fileOf({ email: uniqueAddress() })}`), 1],
  ['in UTF-16 without a mark', () => Buffer.from(fileOf({ email: uniqueAddress() }), 'utf16le'), 1],
  ['with line ends of Windows', () => [HEADER, row(), row(), ''].join('\r\n'), 2],
  ['with line ends of old Macs', () => [HEADER, row(), row(), ''].join('\r'), 2],
  ['with mixed line ends', () => `${HEADER}\r\n${row()}\n${row()}\r${row()}\r\n`, 3],
  ['with blank lines', () => `\n\n${HEADER}\n\n${row()}\n\n\n${row()}\n\n`, 2],
  [
    'with semicolons',
    () => `${HEADER.replaceAll(',', ';')}\n;;;;;\n${uniqueAddress()};;;form;${collectedAt()};Yes`,
    1,
  ],
  [
    'with tabs',
    () => `${HEADER.replaceAll(',', '\t')}\n${uniqueAddress()}\t\t\tform\t${collectedAt()}\tYes, I do`,
    1,
  ],
  [
    'with every field in quotes',
    () =>
      fileOf({ email: uniqueAddress(), wording: 'Yes' })
        .trim()
        .replace(/[^,\n]+/g, '"$&"'),
    1,
  ],
  [
    'with titles in capitals and blanks',
    () =>
      fileOf({ email: uniqueAddress() }).replace(HEADER, ' Email , NAME ,Locale,Source,Consented_At,Wording'),
    1,
  ],
  ['with columns nobody asked for', () => `${HEADER},phone,page\n${row()},0123,7`, 1],
  [
    'with line breaks and quotes in the wording',
    () => fileOf({ email: uniqueAddress(), wording: `${WORDS}\r\n"Really", yes` }),
    1,
  ],
  [
    'with a source that is a formula',
    () => fileOf({ email: uniqueAddress(), source: '=1+1', wording: '@SUM(A1)' }),
    1,
  ],
  ['that is a header alone', () => `${HEADER}\n`, 0],
]

test.each(good)('a file %s is read', async (_what, file, accepted) => {
  expect(await take(file())).toMatchObject({ status: 'COMPLETED', accepted, problem: null })
})

const bad: [what: string, file: NonNullable<RequestInit['body']>, problem: AnyData][] = [
  ['that is empty', '', { row: 1, code: 'REQUIRED' }],
  ['of blank lines', '\n\r\n \n', { code: 'REQUIRED' }],
  ['without a column for the address', HEADER.replace('email', 'mail'), { row: 1, code: 'REQUIRED' }],
  ['without a header', row(), { row: 1, code: 'REQUIRED' }],
  [
    'without the column of the source',
    HEADER.replace('source', 'from'),
    { row: 1, code: 'EVIDENCE_MISSING' },
  ],
  [
    'without the column of the time',
    HEADER.replace('consented_at', 'at'),
    { row: 1, code: 'EVIDENCE_MISSING' },
  ],
  [
    'without the column of the wording',
    HEADER.replace('wording', 'words'),
    { row: 1, code: 'EVIDENCE_MISSING' },
  ],
  ['with two columns for the address', `${HEADER},E-Mail`, { row: 1, code: 'INVALID' }],
  ['in Latin 1', Buffer.from(`${HEADER}\n${row()}\nM\xfcller`, 'latin1'), { code: 'INVALID' }],
  [
    'that ends in the middle of a letter',
    Buffer.concat([Buffer.from(HEADER), Buffer.from([0xc3])]),
    { code: 'INVALID' },
  ],
  ['of zeros', Buffer.alloc(10_000), { code: 'REQUIRED' }],
  [
    'with a quote that never ends',
    `${HEADER}\n${row()}\n"${'x\n'.repeat(50_000)}`,
    { row: 3, code: 'TOO_LONG' },
  ],
  ['with a quote in the middle', `${HEADER}\n${row()}\n"a"b,,,,,\n`, { row: 3, code: 'INVALID' }],
  ...['age', 'Birth_Date', 'date of birth', 'DOB', 'Geburtsjahr', 'under_age', 'minor', 'born', 'Alter'].map(
    (title): [string, string, AnyData] => [
      `with a column ${title}`,
      `${HEADER},${title}\n${row()},\n`,
      { row: 1, code: 'NOT_ELIGIBLE' },
    ],
  ),
]

test.each(bad)('a file %s is given up, and told why', async (_what, file, problem) => {
  const { id, url } = await startImport(product, admin)

  const sent = await upload(url, file)

  expect(sent).toMatchObject({ status: 422, body: { status: 'FAILED', problem } })
  expect(await importOf(product, admin, id)).toMatchObject({ status: 'FAILED', problem })
})

test('of a file that breaks in the middle what came before is taken, and the row is named', async () => {
  const emails = Array.from({ length: 700 }, uniqueAddress)

  const job = await take(`${fileOf(...emails.map(email => ({ email })))}"broken" row,,,,,\n${row()}\n`)

  expect(job).toMatchObject({
    status: 'FAILED',
    rows: 700,
    accepted: 700,
    problem: { row: 702, code: 'INVALID' },
  })
})

test('rows with too few or too many fields are refused one by one', async () => {
  const job = await take([HEADER, 'a@example.org', row(), `${row()},more`, ''].join('\n'))

  expect(job).toMatchObject({ status: 'COMPLETED', rows: 3, accepted: 1 })
  expect(refusedRows(job)).toEqual(['2 INVALID', '4 INVALID'])
})

test('names and addresses in any script arrive as they were written', async () => {
  const email = `reader-${Date.now()}@bücher.example`

  await take(Buffer.from(fileOf({ email, name: 'Zoë Đặng 陳' }), 'utf16le'))

  expect(await personOf(product, email)).toMatchObject({ name: 'Zoë Đặng 陳' })
})

test('a line of hundreds of megabytes is given up early, and takes no memory', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x')
  let sent = 0
  function* endless() {
    yield Buffer.from(`${HEADER}\n`)
    for (; sent < 1024; sent++) yield chunk
  }
  const records = readCsv(decode(Readable.from(endless()) as AsyncIterable<Buffer>).text)
  const before = process.memoryUsage().rss

  await expect(
    (async () => {
      for await (const _record of records);
    })(),
  ).rejects.toMatchObject({ reason: 'row-long', row: 2 })

  expect(sent).toBeLessThan(50)
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
})

test('of 12,000 refused rows 10,000 are named, page by page, and all are counted', async () => {
  const job = await take([HEADER, ...Array.from({ length: 12_000 }, () => 'nobody')].join('\n'))

  expect(job).toMatchObject({ rows: 12_000, accepted: 0, rejectedCount: 12_000 })
  expect(job.rejected).toHaveLength(100)
  const [{ count }] = await product.connections.db.manager.query(
    'SELECT COUNT(*) AS count FROM import_reject r JOIN import_job i ON i.id = r.import_id WHERE i.public_id = ?',
    [job.id],
  )
  expect(Number(count)).toBe(10_000)
})

test('however the bytes are cut, the rows are the same', async () => {
  const rowsOf = async (chunks: Buffer[]): Promise<string[][]> => {
    const rows = []
    for await (const one of readCsv(decode(Readable.from(chunks) as AsyncIterable<Buffer>).text))
      rows.push(one)
    return rows
  }
  const text = '\uFEFFemail,nämé\r\n"a ""b""\r\nc",ü\n\r\nx,😀\ry,"z;"\r\n'
  const expected = [
    ['email', 'nämé'],
    ['a "b"\r\nc', 'ü'],
    ['x', '😀'],
    ['y', 'z;'],
  ]
  const encoded = fc.constantFrom(Buffer.from(text), Buffer.from(text, 'utf16le'), swapped(text))
  await fc.assert(
    fc.asyncProperty(encoded, fc.array(fc.nat({ max: 80 }), { maxLength: 12 }), async (bytes, cuts) => {
      const places = [...new Set([0, ...cuts.filter(cut => cut < bytes.length), bytes.length])].sort(
        (a, b) => a - b,
      )
      const chunks = places.slice(1).map((end, n) => bytes.subarray(places[n], end))
      expect(await rowsOf(chunks)).toEqual(expected)
    }),
  )
})

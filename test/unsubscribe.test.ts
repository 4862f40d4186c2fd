import { makeNewsletter, makeStaff, makeTopic, register, registerInput } from './support/actors'
import { pending, post } from './support/confirming'
import { readerWithLink, withdrawn } from './support/leaving'
import { mailsTo } from './support/mail'
import { type Product, startProduct } from './support/product'
import { rawRequest } from './support/raw-http'
import { eventsOf, readerOf, suppressionsOf } from './support/rows'

const BOUNDARY = '----------------------------4711'
const ONE_CLICK = 'List-Unsubscribe=One-Click'
const MULTIPART = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--${BOUNDARY}--\r\n`
const URLENCODED = 'Content-Type: application/x-www-form-urlencoded'

let product: Product
let weekly: string
let monthly: string

beforeAll(async () => {
  product = await startProduct()
  const admin = await makeStaff(product, 'ADMIN')
  const make = async (slug: string, name: string): Promise<string> =>
    (await makeNewsletter(product, admin, (await makeTopic(product, admin, slug, name)).id)).id
  weekly = await make('weekly', 'Weekly')
  monthly = await make('monthly', 'Monthly')
})
afterAll(() => product?.stop())

const lengthOf = (body: string): string => `Content-Length: ${Buffer.byteLength(body)}`

const ways: [string, string[], string, string][] = [
  ['an urlencoded body', [URLENCODED, lengthOf(ONE_CLICK)], ONE_CLICK, 'ONE_CLICK'],
  [
    'a multipart body',
    [`Content-Type: multipart/form-data; boundary=${BOUNDARY}`, lengthOf(MULTIPART)],
    MULTIPART,
    'ONE_CLICK',
  ],
  ['only Host and Content-Length', [lengthOf(ONE_CLICK)], ONE_CLICK, 'ONE_CLICK'],
  ['an empty body', ['Content-Length: 0'], '', 'SINGLE_TOGGLE'],
  ['an empty body that calls itself a form', [URLENCODED, 'Content-Length: 0'], '', 'SINGLE_TOGGLE'],
  ['nothing but Host', [], '', 'SINGLE_TOGGLE'],
  [
    'a body in chunks',
    [URLENCODED, 'Transfer-Encoding: chunked'],
    `1a\r\n${ONE_CLICK}\r\n0\r\n\r\n`,
    'ONE_CLICK',
  ],
  [
    'a body that calls itself JSON',
    ['Content-Type: application/json', 'Content-Length: 1'],
    '{',
    'SINGLE_TOGGLE',
  ],
  [
    'cookies, a login, a strange origin and browser headers',
    [
      URLENCODED,
      lengthOf(ONE_CLICK),
      'Cookie: session=junk; ag=1',
      'Authorization: Bearer junk',
      'Origin: https://evil.example',
      'Referer: https://evil.example/',
      'Sec-Fetch-Site: cross-site',
      'User-Agent: Bot/1.0 (crawler)',
    ],
    ONE_CLICK,
    'ONE_CLICK',
  ],
]

describe('one POST stops it', () => {
  test.each(ways)('with %s', async (_what, headers, body, method) => {
    const { email, token } = await readerWithLink(product, weekly)
    const ask = () => rawRequest(product.url, `POST /u/${token} HTTP/1.1`, headers, body)

    const answer = await ask()

    expect(await withdrawn(product, email)).toEqual([method])
    expect(answer.status).toBe(200)
    expect(answer.headers.has('set-cookie')).toBe(false)
    expect(answer.headers.has('location')).toBe(false)
    expect(answer.body).toContain('You will get no more Weekly')
    expect((await ask()).status).toBe(200)
    expect(await withdrawn(product, email)).toEqual([method])
  })

  test.each([200_000, 3_000_000])('with a body of %d bytes', async size => {
    const { email, token } = await readerWithLink(product, weekly)
    const body = `${ONE_CLICK}&x=${'x'.repeat(size)}`

    const answer = await rawRequest(
      product.url,
      `POST /u/${token} HTTP/1.1`,
      [URLENCODED, lengthOf(body)],
      body,
    )

    expect(answer.status).toBe(200)
    expect(await withdrawn(product, email)).toHaveLength(1)
  })

  test('only the topic of that mail, on any spelling of the path, and never with a redirect', async () => {
    const { email, token } = await readerWithLink(product, monthly)

    for (const path of [
      `/u/${token}`,
      `/u/${token}/`,
      `/u/${token}?lang=de&utm_source=x`,
      `//u/${token}`.slice(1),
    ]) {
      const response = await post(product, path)
      expect(response.status).toBe(200)
      expect(response.headers.get('location')).toBeNull()
    }

    const events = (await eventsOf(product, email)).filter(({ toState }) => toState === 'ConsentWithdrawn')
    expect(events).toHaveLength(1)
    const states = await product.connections.db.query(
      'SELECT p.`key` AS name, c.state FROM consent c JOIN purpose p ON p.id = c.purpose_id WHERE reader_id = ?',
      [(await readerOf(product, email)).id],
    )
    expect(new Map(states.map((row: { name: string; state: string }) => [row.name, row.state]))).toEqual(
      new Map([
        ['topic:weekly', 'ConsentGiven'],
        ['topic:monthly', 'ConsentWithdrawn'],
        ['personalisation', 'ConsentRefused'],
      ]),
    )
    expect(await suppressionsOf(product, email)).toEqual([])
  })

  test('"stop everything" takes every yes back, blocks the address, and repeating it adds nothing', async () => {
    const { email, token } = await readerWithLink(product, weekly)
    const stopAll = () =>
      fetch(`${product.url}/u/${token}`, { method: 'POST', body: new URLSearchParams({ scope: 'all' }) })

    const response = await stopAll()

    expect(await response.text()).toContain('You will get nothing more from We Interrupt')
    expect(await withdrawn(product, email)).toEqual(['SINGLE_TOGGLE', 'SINGLE_TOGGLE'])
    expect(await suppressionsOf(product, email)).toEqual(['UNSUBSCRIBED_ALL'])
    expect((await stopAll()).status).toBe(200)
    expect(await withdrawn(product, email)).toHaveLength(2)
    expect(await suppressionsOf(product, email)).toHaveLength(1)
  })

  test('ten at once withdraw once', async () => {
    const { email, token } = await readerWithLink(product, weekly)

    const answers = await Promise.all(Array.from({ length: 10 }, () => post(product, `/u/${token}`)))

    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect(await withdrawn(product, email)).toHaveLength(1)
  })

  test('no farewell mail follows, and coming back takes a whole new confirmation', async () => {
    const { email, token } = await readerWithLink(product, weekly)
    await post(product, `/u/${token}`)
    await register(product, await registerInput(product, ['topic:weekly'], { email }))
    // What is sent to others meanwhile shows that there was time to send something.
    await pending(product)

    expect(mailsTo(product, email)).toHaveLength(1)
    expect((await eventsOf(product, email)).at(-1)?.toState).toBe('ConsentWithdrawn')
  })
})

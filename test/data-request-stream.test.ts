// What becomes of a copy or an erasure, followed over server-sent events by whoever may see it.
import { makeStaff, makeTopic, type Staff } from './support/actors'
import type { AnyData } from './support/api'
import { askForCopy, askForErasure, provenReader } from './support/own-data'
import { type Product, startProduct } from './support/product'

let product: Product
let admin: Staff
let stopWorker: () => Promise<void>

beforeAll(async () => {
  product = await startProduct({ worker: false })
  stopWorker = product.startWorker()
  admin = await makeStaff(product, 'ADMIN')
  await makeTopic(product, admin, 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const FOLLOW = 'subscription ($id: ID!) { dataRequestUpdated(id: $id) { id kind status downloadUrl } }'

const follow = (token: string | undefined, id: string, staff = false, query = FOLLOW): Promise<Response> =>
  fetch(`${product.url}/graphql${staff ? '/staff' : ''}/stream`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables: { id } }),
  })

/** What the stream told until the server ended it. */
async function told(response: Promise<Response>): Promise<AnyData[]> {
  const text = await (await response).text()
  return text
    .split('\n\n')
    .filter(event => event.startsWith('event: next'))
    .map(event => JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? 'null').data.dataRequestUpdated)
}

/** Nobody works on what is asked for until both have begun to follow it. */
async function whileNobodyWorks(work: () => Promise<Promise<AnyData[]>[]>): Promise<AnyData[][]> {
  await stopWorker()
  const streams = await work()
  stopWorker = product.startWorker()
  return Promise.all(streams)
}

test('the reader and an admin are told at once and of every change, until a copy is ready', async () => {
  const { accessToken } = await provenReader(product)
  const both = await whileNobodyWorks(async () => {
    const { id } = (await askForCopy(product, accessToken)).dataRequest
    const responses = [await follow(accessToken, id), await follow(admin.token, id, true)]
    return responses.map(response => told(Promise.resolve(response)))
  })

  for (const events of both) {
    expect(events[0]).toMatchObject({ kind: 'EXPORT', status: 'QUEUED', downloadUrl: null })
    expect(events.at(-1)).toMatchObject({ status: 'READY' })
    const states = events.map(({ status }) => status)
    expect(states).toEqual([...new Set(states)])
  }
  // The ticket is the reader's alone.
  const urls = both.map(events => events.at(-1).downloadUrl)
  expect(urls).toEqual([expect.stringContaining('/export/'), null])
})

test('a stream ends with the log-in it was opened by: an erasure is followed to its end by staff only', async () => {
  const { accessToken } = await provenReader(product)
  const { id: copy } = (await askForCopy(product, accessToken)).dataRequest
  const [own, staff] = await whileNobodyWorks(async () => {
    const following = told(follow(accessToken, copy))
    const { id } = (await askForErasure(product, accessToken)).dataRequest
    return [following, told(follow(admin.token, id, true))]
  })

  expect(own?.map(({ status }) => status)).not.toContain('CANCELLED')
  expect(staff?.[0]).toMatchObject({ kind: 'ERASURE', status: 'QUEUED' })
  expect(staff?.at(-1)).toMatchObject({ status: 'COMPLETED' })
  expect(await (await follow(accessToken, copy)).text()).toContain('UNAUTHENTICATED')
})

test('nobody follows what is not theirs, and an unknown request is told from a foreign one by nothing', async () => {
  const owner = await provenReader(product)
  const other = await provenReader(product)
  const author = await makeStaff(product, 'AUTHOR')
  const { id } = (await askForCopy(product, owner.accessToken)).dataRequest
  const answers = async (token: string | undefined, wanted: string, staff?: boolean) =>
    (await (await follow(token, wanted, staff)).text()).replace(/"requestId":"[^"]+"/, '')

  expect(await answers(undefined, id)).toContain('UNAUTHENTICATED')
  expect(await answers('x'.repeat(43), id)).toContain('UNAUTHENTICATED')
  expect(await answers(admin.token, id)).toContain('UNAUTHENTICATED')
  expect(await answers(author.token, id, true)).toContain('FORBIDDEN')
  const foreign = await answers(other.accessToken, id)
  expect(foreign).toContain('NOT_FOUND')
  for (const unknown of ['01890000-0000-7000-8000-000000000000', 'x', '', 'x'.repeat(10_000)])
    expect(await answers(other.accessToken, unknown)).toBe(foreign)
})

test('the stream of readers carries subscriptions only', async () => {
  for (const query of ['{ site { name } }', 'mutation { logout { accepted } }', 'subscription {', '']) {
    const response = await follow(undefined, 'x', false, query)
    expect([query, response.status]).toEqual([query, 400])
  }
})

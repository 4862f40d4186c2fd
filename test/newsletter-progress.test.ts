import { makeNewsletter, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { checkNewsletter, untilStatus } from './support/checker'
import { type Product, startProduct } from './support/product'

let product: Product
let author: Staff
let id: string

beforeAll(async () => {
  product = await startProduct({ sink: { delayMs: 40 } })
  const admin = await makeStaff(product, 'ADMIN')
  author = await makeStaff(product, 'AUTHOR')
  const topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 120)
  await makeReaders(product, 7, { local: n => `550-rcpt.r${n}` })
  const paused = await makeReaders(product, 5)
  const { manager } = product.connections.db
  await manager.query("UPDATE reader SET paused_until = '2099-01-01' WHERE id IN (?)", [
    paused.map(one => one.id),
  ])
  id = (await makeNewsletter(product, admin, topic.id)).id
  await scheduleNow(product, admin, id)
})
afterAll(() => product?.stop())

const PROGRESS = `subscription ($id: ID!) { newsletterProgress(id: $id) {
  status total queued sending sent failed unknown cancelled skipped { reason count } } }`

const stream = (
  headers: Record<string, string>,
  variables: AnyData = { id },
  query = PROGRESS,
): Promise<Response> =>
  fetch(`${product.url}/graphql/staff/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query, variables }),
  })
const bearer = () => ({ authorization: `Bearer ${author.token}` })

/** The data of each `next` event until the server ends the stream. */
async function eventsOf(response: Response): Promise<AnyData[]> {
  const text = await response.text()
  return text
    .split('\n\n')
    .filter(event => event.startsWith('event: next'))
    .map(event => JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? 'null'))
}

test('progress comes over SSE, adds up in every event, never goes back, and ends with SENT', async () => {
  const response = await stream(bearer())
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const events = (await eventsOf(response)).map(event => event.data.newsletterProgress)
  expect(events.length).toBeGreaterThan(1)
  for (const event of events.filter(one => one.total > 0)) {
    const skipped = event.skipped.reduce((sum: number, one: AnyData) => sum + one.count, 0)
    const { queued, sending, sent, failed, unknown, cancelled } = event
    expect(queued + sending + sent + failed + unknown + cancelled + skipped).toBe(event.total)
  }
  const sent = events.map(event => event.sent)
  expect(sent).toEqual([...sent].sort((one, other) => one - other))
  expect(events.at(-1)).toMatchObject({
    status: 'SENT',
    total: 132,
    sent: 120,
    failed: 7,
    queued: 0,
    sending: 0,
  })
  expect(events.at(-1).skipped).toEqual([{ reason: 'PAUSED', count: 5 }])
})

test('the deliveries can be read page by page, each once, and filtered by state and reason', async () => {
  await untilStatus(product, id, 'SENT')
  await checkNewsletter(product, id)
  const query = `query ($id: ID!, $first: Int!, $after: String, $filter: DeliveryFilter) { newsletter(id: $id) {
    deliveries(first: $first, after: $after, filter: $filter) { nodes { id status skipReason smtpStatus diagnostic attempts reader { id } }
      pageInfo { hasNextPage endCursor } } } }`
  const page = async (variables: AnyData): Promise<AnyData> =>
    (await ok(product, query, { id, ...variables }, { token: author.token })).newsletter.deliveries
  const nodes: AnyData[] = []
  let after: string | null = null
  let pages = 0
  for (let more = true; more; pages++) {
    const answer: AnyData = await page({ first: 50, after })
    nodes.push(...answer.nodes)
    more = answer.pageInfo.hasNextPage
    after = answer.pageInfo.endCursor
  }
  expect(pages).toBe(3)
  expect(nodes).toHaveLength(132)
  expect(new Set(nodes.map(node => node.id)).size).toBe(132)
  expect(new Set(nodes.map(node => node.reader.id)).size).toBe(132)
  const failed = await page({ first: 100, filter: { status: ['FAILED'] } })
  expect(failed.nodes).toHaveLength(7)
  expect(failed.nodes[0]).toMatchObject({ status: 'FAILED', smtpStatus: '5.1.1', skipReason: null })
  expect(failed.nodes[0].diagnostic).not.toContain('@')
  expect((await page({ first: 100, filter: { skipReason: ['PAUSED'] } })).nodes).toHaveLength(5)
  expect((await page({ first: 100, filter: { skipReason: ['ERASED'] } })).nodes).toEqual([])
  for (const wrong of [{ first: 0 }, { first: 101 }, { first: 10, after: 'eA' }]) {
    const { errors } = await graphql(product, query, { id, ...wrong }, { token: author.token })
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  }
})

test('nobody follows a newsletter without being logged in, and an unknown one says so', async () => {
  for (const headers of [{}, { authorization: `Bearer ${'x'.repeat(43)}` }] as Record<string, string>[]) {
    const text = await (await stream(headers)).text()
    expect(text).toContain('UNAUTHENTICATED')
    expect(text).not.toMatch(/"total"|"sent"/)
  }
  for (const wrong of ['01890000-0000-7000-8000-000000000000', 'x']) {
    const text = await (await stream(bearer(), { id: wrong })).text()
    expect(text).toContain('NOT_FOUND')
  }
})

test('the stream takes POST with JSON only', async () => {
  const url = `${product.url}/graphql/staff/stream`
  const asked = `${url}?query=${encodeURIComponent(PROGRESS)}&variables=${encodeURIComponent(JSON.stringify({ id }))}`
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const response = await fetch(asked, { method, headers: { accept: 'text/event-stream', ...bearer() } })
    expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST'])
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const response = await stream({ ...bearer(), 'content-type': type })
    expect([type, response.status]).toEqual([type, 415])
  }
})

test('the stream carries subscriptions only, and repeats no input', async () => {
  const canary = 'canary@example.org'
  for (const query of [
    '{ viewer { role } }',
    'mutation { siteStop(reason: "by stream") { accepted } }',
    `subscription { newsletterProgress(id: "${canary}"`,
    '',
  ]) {
    const response = await stream(bearer(), {}, query)
    const text = await response.text()

    expect([query, response.status]).toEqual([query, 400])
    expect(text).not.toContain(canary)
  }
  const text = await (await stream(bearer(), { id: canary })).text()
  expect(text).toContain('NOT_FOUND')
  expect(text).not.toContain(canary)
})

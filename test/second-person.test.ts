import { write } from '../src/transaction'
import {
  fetchNewsletter,
  makeNewsletter,
  makeStaff,
  makeTopic,
  SCHEDULE,
  type Staff,
  scheduleInput,
} from './support/actors'
import { type AnyData, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { type Product, startProduct } from './support/product'

let product: Product
let admin: Staff
let topic: AnyData

beforeAll(async () => {
  product = await startProduct({ worker: false, env: { SECOND_PERSON: 'on' } })
  admin = await makeStaff(product, 'ADMIN')
  topic = await makeTopic(product, admin, 'weekly')
  await makeReaders(product, 2)
})
afterAll(() => product?.stop())

const hours = (count: number): string => new Date(Date.now() + count * 3_600_000).toISOString()

async function schedule(staff: Staff, id: string, sendAt: string | null = hours(1)): Promise<string[]> {
  const input = scheduleInput(await fetchNewsletter(product, staff, id), { sendAt })
  const { newsletterSchedule } = await ok(product, SCHEDULE, { id, input }, { token: staff.token })
  return newsletterSchedule.userErrors.map((one: AnyData) => one.code)
}

const statusOf = async (id: string): Promise<string> => (await fetchNewsletter(product, admin, id)).status

async function edit(staff: Staff, id: string): Promise<void> {
  const { version } = await fetchNewsletter(product, staff, id)
  await ok(
    product,
    'mutation ($id: ID!, $version: Int!) { newsletterUpdate(id: $id, version: $version, input: { title: "Edited" }) { userErrors { code } } }',
    { id, version },
    { token: staff.token },
  )
}

const lastSchedule = async (): Promise<AnyData> => {
  const { auditEvents } = await ok(
    product,
    '{ auditEvents(first: 1) { nodes { action target reason } } }',
    {},
    { token: admin.token },
  )
  return auditEvents.nodes[0]
}

const onlyAdmin = (): Promise<number> =>
  write(
    product.connections.db.manager,
    "UPDATE staff_user SET disabled_at = UTC_TIMESTAMP(3) WHERE role <> 'ADMIN'",
  )

test('who is alone schedules the own text a day ahead, and that is written down', async () => {
  await onlyAdmin()
  await makeStaff(product, 'AUTHOR')
  const { id } = await makeNewsletter(product, admin, topic.id)

  for (const sendAt of [null, hours(1), hours(23.9)])
    expect(await schedule(admin, id, sendAt)).toEqual(['APPROVAL_REQUIRED'])
  expect(await statusOf(id)).toBe('DRAFT')
  expect(await schedule(admin, id, hours(24))).toEqual([])
  expect(await lastSchedule()).toEqual({
    action: 'newsletter.schedule',
    target: id,
    reason: 'No second person: a day ahead instead',
  })
})

test('where there is somebody else, neither publisher nor admin schedules what they saved last', async () => {
  const publisher = await makeStaff(product, 'PUBLISHER')
  for (const writer of [publisher, admin]) {
    const { id } = await makeNewsletter(product, writer, topic.id)
    for (const sendAt of [null, hours(1), hours(48)])
      expect(await schedule(writer, id, sendAt)).toEqual(['APPROVAL_REQUIRED'])
    expect(await statusOf(id)).toBe('DRAFT')
    expect(await schedule(writer === admin ? publisher : admin, id)).toEqual([])
    expect(await lastSchedule()).toEqual({ action: 'newsletter.schedule', target: id, reason: null })
  }
})

test('a change by the second person makes it theirs', async () => {
  const publisher = await makeStaff(product, 'PUBLISHER')
  const { id } = await makeNewsletter(product, publisher, topic.id)
  await edit(admin, id)

  expect(await schedule(admin, id)).toEqual(['APPROVAL_REQUIRED'])
  expect(await schedule(publisher, id)).toEqual([])
})

test('an author’s text is scheduled by any one publisher', async () => {
  const author = await makeStaff(product, 'AUTHOR')
  const { id } = await makeNewsletter(product, author, topic.id)

  expect(await schedule(admin, id)).toEqual([])
})

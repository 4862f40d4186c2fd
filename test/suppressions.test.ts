import { Suppression, SuppressionReason } from '../src/entities/suppression'
import { write } from '../src/transaction'
import {
  makeNewsletter,
  makeReader,
  makeStaff,
  makeTopic,
  register,
  registerInput,
  type Staff,
  tokenIn,
  uniqueAddress,
} from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { makeReaders } from './support/bulk-readers'
import { confirmByApi } from './support/confirming'
import { dumpDatabase } from './support/dump'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import {
  backdateNotices,
  hashOfAddress,
  readerOf,
  settled,
  suppressAddress,
  suppressionsOf,
} from './support/rows'

let product: Product
let admin: Staff
let author: Staff

beforeAll(async () => {
  product = await startProduct()
  admin = await makeStaff(product, 'ADMIN')
  author = await makeStaff(product, 'AUTHOR')
  await makeTopic(product, admin, 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const ADD = `mutation ($input: SuppressionInput!) { suppressionAdd(input: $input) {
  suppression { id maskedEmail reason note source { id } } alreadyPassed userErrors { code field } } }`
const add = async (email: string, note: string, staff = author): Promise<AnyData> =>
  (await ok(product, ADD, { input: { email, note } }, { token: staff.token })).suppressionAdd

const REMOVE = `mutation ($id: ID!, $reason: String!) { suppressionRemove(id: $id, reason: $reason) {
  accepted userErrors { code field } } }`
const remove = async (id: string, reason = 'a mistake', staff = admin): Promise<AnyData> =>
  (await ok(product, REMOVE, { id, reason }, { token: staff.token })).suppressionRemove

const LIST = `query ($search: String, $first: Int, $after: String) {
  suppressions(search: $search, first: $first, after: $after) {
    nodes { id maskedEmail reason note } pageInfo { hasNextPage endCursor } } }`
const list = async (variables: Record<string, unknown>, staff = author): Promise<AnyData> =>
  (await ok(product, LIST, variables, { token: staff.token })).suppressions

const latestAudit = async (): Promise<AnyData> => {
  const query = '{ auditEvents(first: 1) { nodes { action target reason } } }'
  return (await ok(product, query, {}, { token: admin.token })).auditEvents.nodes[0]
}

describe('suppressionAdd', () => {
  test('blocks a reader at once; address and note are masked', async () => {
    const [reader] = await makeReaders(product, 1)
    if (!reader) throw new Error('No reader')

    const added = await add(reader.email.toUpperCase(), 'called, friend is ada@example.org')

    expect(added).toMatchObject({
      suppression: {
        maskedEmail: 'r•••@example.org',
        reason: 'MANUAL',
        note: 'called, friend is [address]',
        source: null,
      },
      alreadyPassed: [],
      userErrors: [],
    })
    expect(await suppressionsOf(product, reader.email)).toEqual(['MANUAL'])
    expect((await readerOf(product, reader.email)).version).toBe(reader.version + 1)
    expect(await latestAudit()).toEqual({
      action: 'suppression.add',
      target: added.suppression.id,
      reason: 'called, friend is [address]',
    })
  })

  test('blocks an address nobody knows, and saying it again changes nothing', async () => {
    const email = uniqueAddress()

    const first = await add(email, 'spam trap')
    const before = await dumpDatabase(product, 'suppression', 'audit_event')
    const second = await add(email, 'another note')

    expect(first.suppression).toMatchObject({ maskedEmail: '•••', note: 'spam trap' })
    expect(second.suppression).toEqual(first.suppression)
    expect(await dumpDatabase(product, 'suppression', 'audit_event')).toEqual(before)
  })

  test.each([
    ['no address', 'nobody', 'why', { code: 'INVALID', field: ['input', 'email'] }],
    ['two addresses', 'a@example.org,b@example.org', 'why', { code: 'INVALID', field: ['input', 'email'] }],
    ['no note', 'a@example.org', '  ', { code: 'REQUIRED', field: ['input', 'note'] }],
    ['a note too long', 'a@example.org', 'x'.repeat(501), { code: 'TOO_LONG', field: ['input', 'note'] }],
  ])('with %s blocks nothing', async (_what, email, note, error) => {
    const before = await dumpDatabase(product, 'suppression', 'audit_event')

    expect(await add(email, note)).toEqual({ suppression: null, alreadyPassed: [], userErrors: [error] })

    expect(await dumpDatabase(product, 'suppression', 'audit_event')).toEqual(before)
  })
})

describe('suppressions', () => {
  test('are found by the whole address, and by nothing shorter', async () => {
    const email = uniqueAddress()
    const { suppression } = await add(email, 'to be found')

    expect((await list({ search: ` ${email.toUpperCase()} ` })).nodes).toMatchObject([{ id: suppression.id }])
    for (const search of [email.slice(1), 'example.org', uniqueAddress(), '%', "' OR 1=1 --"])
      expect((await list({ search })).nodes).toEqual([])
  })

  test('are listed page by page, the latest first, and never with an address', async () => {
    const emails = [uniqueAddress(), uniqueAddress(), uniqueAddress()]
    for (const email of emails) await add(email, 'one of three')

    const first = await list({ first: 2 })
    const second = await list({ first: 1, after: first.pageInfo.endCursor })

    expect(first.pageInfo.hasNextPage).toBe(true)
    const ids = [...first.nodes, ...second.nodes].map(({ id }: AnyData) => id)
    expect(new Set(ids).size).toBe(3)
    for (const email of emails) {
      const known = await list({ search: email })
      expect(ids).toContain(known.nodes[0].id)
      expect(JSON.stringify([first, second])).not.toContain(email)
    }
  })
})

describe('suppressionRemove', () => {
  async function suppressed(
    reason: SuppressionReason,
  ): Promise<{ email: string; id: string; version: number }> {
    const [reader] = await makeReaders(product, 1)
    if (!reader) throw new Error('No reader')
    await suppressAddress(product, reader.email, reason)
    const { manager } = product.connections.db
    const row = await manager.findOneByOrFail(Suppression, {
      addressHash: hashOfAddress(product, reader.email),
    })
    return { email: reader.email, id: row.publicId, version: (await readerOf(product, reader.email)).version }
  }

  test.each([SuppressionReason.HARD_BOUNCE, SuppressionReason.MANUAL])(
    'an admin lifts a %s, with a reason that is kept',
    async reason => {
      const { email, id, version } = await suppressed(reason)

      expect(await remove(id, 'the mailbox of ada@example.org is back')).toEqual({
        accepted: true,
        userErrors: [],
      })

      expect(await suppressionsOf(product, email)).toEqual([])
      expect((await readerOf(product, email)).version).toBe(version + 1)
      expect(await latestAudit()).toEqual({
        action: 'suppression.remove',
        target: id,
        reason: 'the mailbox of [address] is back',
      })
    },
  )

  test.each([SuppressionReason.COMPLAINT, SuppressionReason.ERASED, SuppressionReason.UNSUBSCRIBED_ALL])(
    'nobody of staff lifts a %s',
    async reason => {
      const { email, id } = await suppressed(reason)
      const before = await dumpDatabase(product, 'suppression', 'audit_event', 'reader')

      expect(await remove(id)).toEqual({
        accepted: false,
        userErrors: [{ code: 'INVALID_STATE', field: ['id'] }],
      })

      expect(await suppressionsOf(product, email)).toEqual([reason])
      expect(await dumpDatabase(product, 'suppression', 'audit_event', 'reader')).toEqual(before)
    },
  )

  test('is refused without a reason, by others than admins, for what does not exist, and after a while', async () => {
    const { email, id } = await suppressed(SuppressionReason.MANUAL)
    const forbidden = await graphql(product, REMOVE, { id, reason: 'x' }, { token: author.token })
    expect(forbidden.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    for (const unknown of ['nothing', '01a204a8-3f96-73c9-a3f3-55208d5b8597']) {
      const answer = await graphql(product, REMOVE, { id: unknown, reason: 'x' }, { token: admin.token })
      expect(answer.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    }
    expect((await remove(id, ' ')).userErrors).toEqual([{ code: 'REQUIRED', field: ['reason'] }])
    expect((await remove(id, 'x'.repeat(501))).userErrors).toEqual([{ code: 'TOO_LONG', field: ['reason'] }])
    const late = await makeStaff(product, 'ADMIN')
    await write(
      product.connections.db.manager,
      'UPDATE staff_session SET proven_at = proven_at - INTERVAL 11 MINUTE ORDER BY created_at DESC LIMIT 1',
    )
    expect((await remove(id, 'x', late)).userErrors).toEqual([{ code: 'REAUTH_REQUIRED', field: null }])

    expect(await suppressionsOf(product, email)).toEqual(['MANUAL'])
  })
})

describe('who is suppressed and signs up', () => {
  const DAY = 24 * 60
  const signUp = async (email: string): Promise<AnyData> => {
    const answer = await register(product, await registerInput(product, ['topic:weekly'], { email }))
    await settled(product, email)
    return answer
  }

  test.each([SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT, SuppressionReason.MANUAL])(
    'by %s gets the same answer as everybody, and no mail',
    async reason => {
      const email = uniqueAddress()
      await suppressAddress(product, email, reason)

      expect(await signUp(email)).toEqual(await signUp(uniqueAddress()))

      expect(mailsTo(product, email)).toEqual([])
      expect(await suppressionsOf(product, email)).toEqual([reason])
    },
  )

  test.each([SuppressionReason.UNSUBSCRIBED_ALL, SuppressionReason.ERASED])(
    'by %s may ask for one new confirmation, whose POST alone lifts that',
    async reason => {
      const { email } = await makeReader(product, ['topic:weekly'])
      await suppressAddress(product, email, reason)
      await backdateNotices(product, email, 2 * DAY)
      const sentBefore = mailsTo(product, email).length

      await signUp(email)
      const mail = await waitForMail(product, email, sentBefore + 1)
      await write(
        product.connections.db.manager,
        'UPDATE suppression SET created_at = created_at - INTERVAL 5 DAY',
      )
      await backdateNotices(product, email, 2 * DAY)
      await signUp(email)
      expect(mailsTo(product, email)).toHaveLength(sentBefore + 1)
      const token = tokenIn(mail, 'c')
      expect((await fetch(`${product.url}/c/${token}`)).status).toBe(200)
      expect(await suppressionsOf(product, email)).toEqual([reason])

      expect(await confirmByApi(product, token)).toMatchObject({
        reader: { status: 'ACTIVE' },
        userErrors: [],
      })
      expect(await suppressionsOf(product, email)).toEqual([])
    },
  )
})

test('a suppression that came of a newsletter names it', async () => {
  const topic = await makeTopic(product, admin, 'monthly', 'Monthly')
  const newsletter = await makeNewsletter(product, admin, topic.id)
  const email = uniqueAddress()
  const { suppression } = await add(email, 'x')
  await write(
    product.connections.db.manager,
    'UPDATE suppression SET newsletter_id = (SELECT id FROM newsletter WHERE public_id = ?) WHERE public_id = ?',
    [newsletter.id, suppression.id],
  )
  const { suppressions } = await ok(
    product,
    'query ($search: String) { suppressions(search: $search) { nodes { source { id } } } }',
    { search: email },
    { token: author.token },
  )
  expect(suppressions.nodes).toEqual([{ source: { id: newsletter.id } }])
})

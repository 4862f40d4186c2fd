import { randomBytes } from 'node:crypto'
import { createKeyring } from '../src/secrets/keyring'
import { makeToken } from '../src/secrets/token'
import { write } from '../src/transaction'
import { makeStaff, makeTopic, register, registerInput } from './support/actors'
import { graphql } from './support/api'
import { confirmByApi, pending, post, refusal } from './support/confirming'
import { dumpDatabase, expectNoChange } from './support/dump'
import { startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'
import { readerOf, registrationsOf } from './support/rows'

let product: Product

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

describe('after 72 hours', () => {
  test('the link is refused, changes nothing, and the sweep deletes what was entered', async () => {
    const quiet = await startProduct({ worker: false })
    try {
      await makeTopic(quiet, await makeStaff(quiet, 'ADMIN'), 'weekly')
      const input = await registerInput(quiet, ['topic:weekly'])
      const kept = await registerInput(quiet, ['topic:weekly'])
      for (const one of [input, kept]) await register(quiet, one)
      const [registration] = await registrationsOf(quiet, input.email)
      const token = makeToken(
        quiet.connections.keyring,
        'confirm',
        registration?.reference ?? Buffer.alloc(0),
      )
      await write(
        quiet.connections.db.manager,
        'UPDATE registration SET expires_at = UTC_TIMESTAMP(3) WHERE id = ?',
        [registration?.id],
      )
      const before = await dumpDatabase(quiet)

      expect((await fetch(`${quiet.url}/c/${token}`)).status).toBe(410)
      expect((await post(quiet, `/c/${token}`)).status).toBe(410)
      expect(await confirmByApi(quiet, token)).toEqual(refusal('TOKEN_EXPIRED'))
      expect(await dumpDatabase(quiet)).toEqual(before)

      quiet.startWorker()
      for (let tries = 0; tries < 100 && (await registrationsOf(quiet, input.email)).length > 0; tries++)
        await new Promise(resolve => setTimeout(resolve, 100))
      expect(await registrationsOf(quiet, input.email)).toEqual([])
      expect(await registrationsOf(quiet, kept.email)).toHaveLength(1)
      expect((await fetch(`${quiet.url}/c/${token}`)).status).toBe(410)
    } finally {
      await quiet.stop()
    }
  })
})

describe('forged links', () => {
  test('any letter changed, taken away or added; another purpose; other keys: all refused alike', async () => {
    const { token } = await pending(product)
    const reference =
      (await registrationsOf(product, (await pending(product)).email))[0]?.reference ?? Buffer.alloc(0)
    const strange = createKeyring([{ id: 1, secret: randomBytes(32) }], randomBytes(32))
    const mutated = [...token].map(
      (letter, index) => token.slice(0, index) + (letter === 'a' ? 'b' : 'a') + token.slice(index + 1),
    )
    const forged = [
      ...mutated,
      token.slice(0, -1),
      `${token}a`,
      token.toUpperCase(),
      'a'.repeat(53),
      'x',
      makeToken(product.connections.keyring, 'unsubscribe', reference),
      makeToken(strange, 'confirm', reference),
    ]

    await expectNoChange(product, async () => {
      const pages = new Set<string>()
      for (const one of forged)
        for (const response of [
          await post(product, `/c/${one}`),
          await post(product, `/c/${one}/deny`),
          await fetch(`${product.url}/c/${one}`),
        ])
          pages.add(`${response.status} ${await response.text()}`)
      expect(pages.size).toBe(1)
      expect([...pages][0]).toMatch(/^404 /)
      for (const one of forged.slice(-9))
        expect(await confirmByApi(product, one)).toEqual(refusal('TOKEN_INVALID'))
    })
  })

  test('an empty, a very long and a malformed token are refused without an error of ours', async () => {
    await expectNoChange(product, async () => {
      expect(await confirmByApi(product, '')).toEqual(refusal('TOKEN_INVALID'))
      expect(await confirmByApi(product, 'a'.repeat(50_000))).toEqual(refusal('TOKEN_INVALID'))
      expect((await post(product, `/c/${'a'.repeat(5000)}`)).status).toBe(404)
      expect((await post(product, '/c/%E0%A4%A')).status).toBe(400)
      expect((await post(product, '/c/..%2f..%2fetc')).status).toBe(404)
      expect(
        (await graphql(product, 'mutation { readerConfirm(token: null) { reader { id } } }')).status,
      ).toBe(400)
    })
  })
})

test('a link mailed before the keys were rotated still confirms, and one of a revoked key does not', async () => {
  const { email, token } = await pending(product, { name: 'Ada' })
  const newKey = `7:${randomBytes(32).toString('base64')}`
  const rotated = await startMoreApi(product, { SECRET_KEYS: `${newKey},${product.env.SECRET_KEYS}` })
  const revoked = await startMoreApi(product, { SECRET_KEYS: newKey })
  try {
    expect((await post(revoked, `/c/${token}`)).status).toBe(404)
    expect(await confirmByApi(rotated, token)).toMatchObject({
      reader: { maskedEmail: 'r•••@example.org' },
    })
    expect((await readerOf(product, email)).keyId).toBe(7)
  } finally {
    await rotated.stop()
    await revoked.stop()
  }
})

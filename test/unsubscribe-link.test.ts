import { randomBytes } from 'node:crypto'
import { Reader } from '../src/entities/reader'
import { createKeyring } from '../src/secrets/keyring'
import { makeToken } from '../src/secrets/token'
import { write } from '../src/transaction'
import { makeNewsletter, makeStaff, makeTopic } from './support/actors'
import { confirmByApi, pending, post } from './support/confirming'
import { expectNoChange } from './support/dump'
import { readerWithLink, withdrawn } from './support/leaving'
import { startMoreApi } from './support/more-api'
import { type Product, startProduct } from './support/product'
import { readerOf, suppressionsOf } from './support/rows'

let product: Product
let weekly: string

beforeAll(async () => {
  product = await startProduct()
  const admin = await makeStaff(product, 'ADMIN')
  const make = async (slug: string, name: string): Promise<string> =>
    (await makeNewsletter(product, admin, (await makeTopic(product, admin, slug, name)).id)).id
  weekly = await make('weekly', 'Weekly')
  await make('monthly', 'Monthly')
})
afterAll(() => product?.stop())

describe('the link works as long as the mail is kept', () => {
  test('years later: tokens carry no time, and keys rotate', async () => {
    const { email, token } = await readerWithLink(product, weekly)
    const newKey = `7:${randomBytes(32).toString('base64')}`
    const rotated = await startMoreApi(product, { SECRET_KEYS: `${newKey},${product.env.SECRET_KEYS}` })
    try {
      expect((await post(rotated, `/u/${token}`)).status).toBe(200)
      expect(await withdrawn(product, email)).toHaveLength(1)
    } finally {
      await rotated.stop()
    }
  })

  test('after the person was erased and after the newsletter is gone: 200, and nobody comes back', async () => {
    const { email, token } = await readerWithLink(product, weekly)
    const { id } = await readerOf(product, email)
    await write(
      product.connections.db.manager,
      `UPDATE reader SET erased_at = UTC_TIMESTAMP(3), address_hash = NULL, email_sealed = NULL, name_sealed = NULL
       WHERE id = ?`,
      [id],
    )
    const nobody = makeToken(product.connections.keyring, 'unsubscribe', randomBytes(16))

    for (const one of [token, token, nobody]) {
      expect((await fetch(`${product.url}/u/${one}`)).status).toBe(200)
      expect((await post(product, `/u/${one}`)).status).toBe(200)
    }
    const erased = await product.connections.db.manager.findOneByOrFail(Reader, { id })
    expect(erased).toMatchObject({ addressHash: null, emailSealed: null, nameSealed: null })
    expect(await suppressionsOf(product, email)).toEqual([])
  })

  test('forged, mutated and borrowed tokens: 404 for all alike, and nothing changes', async () => {
    const { token } = await readerWithLink(product, weekly)
    const { token: confirmToken } = await pending(product)
    const strange = createKeyring([{ id: 1, secret: randomBytes(32) }], randomBytes(32))
    const mutated = [...token].map(
      (letter, index) => token.slice(0, index) + (letter === 'a' ? 'b' : 'a') + token.slice(index + 1),
    )
    const forged = [
      ...mutated,
      token.slice(1),
      confirmToken,
      makeToken(strange, 'unsubscribe', randomBytes(16)),
    ]

    await expectNoChange(product, async () => {
      const pages = new Set<string>()
      for (const one of forged)
        for (const response of [await post(product, `/u/${one}`), await fetch(`${product.url}/u/${one}`)])
          pages.add(`${response.status} ${await response.text()}`)
      expect(pages.size).toBe(1)
      expect([...pages][0]).toMatch(/^404 /)
      expect((await post(product, `/c/${token}`)).status).toBe(404)
      expect(await confirmByApi(product, token)).toMatchObject({ userErrors: [{ code: 'TOKEN_INVALID' }] })
    })
  })
})

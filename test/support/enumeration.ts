// The public doors that take an address, and addresses of every kind: none may tell one kind from another (I11).
import { randomUUID } from 'node:crypto'
import { SuppressionReason } from '../../src/entities/suppression'
import { makeReader, REGISTER, register, registerInput, uniqueAddress } from './actors'
import type { AnyData } from './api'
import { makeReaders } from './bulk-readers'
import { ADDRESS_START, prove } from './centre'
import { logInApp } from './logging-in'
import type { Product } from './product'
import { suppressAddress } from './rows'
import { detailsFrom, filledIn } from './visitor'

export const KINDS = ['unknown', 'pending', 'known', 'suppressed'] as const
export type Kind = (typeof KINDS)[number]

/** Makes the request for one address; everything it needs was asked for before. */
export interface AddressDoor {
  name: string
  prepare(
    product: Product,
  ): Promise<(email: string) => { path: string; headers: Record<string, string>; body: string }>
}

const json = (query: string, variables: AnyData) => ({
  path: '/graphql',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query, variables }),
})

/** Every door that takes an address has a row here. */
export const addressDoors: readonly AddressDoor[] = [
  {
    name: 'readerRegister',
    async prepare(product) {
      const input = await registerInput(product, ['topic:weekly'])
      return email => json(REGISTER, { input: { ...input, email, idempotencyKey: randomUUID() } })
    },
  },
  {
    name: 'confirmationResend',
    prepare: async () => email =>
      json(
        `mutation ($email: String!) { confirmationResend(input: { email: $email }) {
           accepted retryAfterSeconds alreadyPassed userErrors { code message field } } }`,
        { email },
      ),
  },
  {
    name: 'loginStart',
    prepare: async () => email =>
      json(
        `mutation ($email: String!) { loginStart(input: { email: $email }) {
           accepted retryAfterSeconds alreadyPassed userErrors { code message field } } }`,
        { email },
      ),
  },
  {
    name: 'POST /subscribe',
    async prepare(product) {
      const page = await detailsFrom(product, '127.0.0.1')
      return email => ({
        path: '/subscribe',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ ...filledIn(page, email), formId: randomUUID() }).toString(),
      })
    },
  },
  {
    name: 'POST /p',
    prepare: async () => email => ({
      path: '/p',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ act: 'login', email }).toString(),
    }),
  },
  {
    name: 'emailChangeStart',
    async prepare(product) {
      const { email } = await makeReader(product, ['topic:weekly'])
      const { accessToken } = await logInApp(product, email)
      await prove(product, email, accessToken)
      return newEmail => {
        const { headers, ...rest } = json(ADDRESS_START, { newEmail })
        return { ...rest, headers: { ...headers, authorization: `Bearer ${accessToken}` } }
      }
    },
  },
]

/** So many addresses of each kind, no two alike. Needs the topic `weekly`. */
export async function addressesOfEachKind(product: Product, count: number): Promise<Record<Kind, string[]>> {
  const fresh = () => Array.from({ length: count }, () => uniqueAddress())
  const [unknown, pending, suppressed] = [fresh(), fresh(), fresh()]
  const input = await registerInput(product, ['topic:weekly'])
  for (const email of pending) await register(product, { ...input, email, idempotencyKey: randomUUID() })
  for (const email of suppressed) await suppressAddress(product, email, SuppressionReason.COMPLAINT)
  const known = (await makeReaders(product, count)).map(({ email }) => email)
  return { unknown, pending, known, suppressed }
}

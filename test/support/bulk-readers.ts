// Confirmed readers by the thousand, each with the consent chain a real sign-up would have left.
import { randomBytes } from 'node:crypto'
import { insertReaders, type ReaderPlan } from '../../src/cli/bulk-readers'
import { askedAndGiven, shownWords, signUpEvidence } from '../../src/cli/consent-history'
import { openReader } from '../../src/consent/readers'
import { Newsletter } from '../../src/entities/newsletter'
import { Reader } from '../../src/entities/reader'
import { joinReference } from '../../src/secrets/mail-reference'
import { makeToken } from '../../src/secrets/token'
import { canary } from './leaks'
import type { Product } from './product'

export type KnownReader = Reader & { email: string; name: string | null }

export interface BulkOptions {
  purposes?: readonly string[]
  /** Local part of the n-th address; a fault of the sink as prefix makes the server fail. */
  local?: (n: number) => string
  domain?: string
  locale?: string
  name?: string | null | ((n: number) => string)
}

/** Makes `count` readers with a confirmed yes to the purposes, and answers them with their addresses. */
export async function makeReaders(
  product: Product,
  count: number,
  {
    purposes = ['topic:weekly'],
    local = n => `r${n}`,
    domain = 'example.org',
    locale = 'en',
    name = null,
  }: BulkOptions = {},
): Promise<KnownReader[]> {
  const { db, keyring } = product.connections
  const shown = await shownWords(db.manager, locale, product.config.locales)
  const run = randomBytes(4).toString('hex')
  const givenAt = new Date(Date.now() - 60_000)
  const askedAt = new Date(givenAt.getTime() - 60_000)
  const plan = (n: number): ReaderPlan => ({
    email: `${local(n)}-${run}@${domain}`,
    name: typeof name === 'function' ? name(n) : name,
    locale,
    timeZone: null,
    confirmedAt: givenAt,
    facts: purposes.flatMap(key => {
      const words = shown.get(key)
      if (!words) throw new Error(`There is no purpose ${key}`)
      return askedAndGiven(words, { askedAt, givenAt }, signUpEvidence(locale, 13))
    }),
  })
  const plans = Array.from({ length: count }, (_, index) => plan(index + 1))
  canary(...new Set(plans.map(one => one.name)))
  await insertReaders(db, keyring, plans)
  return (await allReaders(product)).filter(reader => reader.email.endsWith(`-${run}@${domain}`))
}

/** Every reader that has an address, opened. */
export async function allReaders({ connections: { db, keyring } }: Product): Promise<KnownReader[]> {
  const rows = await db.manager.find(Reader, { order: { id: 'ASC' } })
  return rows.flatMap(row => {
    const person = openReader(keyring, row)
    return person ? [Object.assign(row, person)] : []
  })
}

/** The token in the unsubscribe link of this reader's mail. */
export async function unsubscribeToken(product: Product, publicId: string, reader: Reader): Promise<string> {
  const newsletter = await product.connections.db.manager.findOneByOrFail(Newsletter, { publicId })
  const reference = joinReference(newsletter.reference, reader.reference)
  return makeToken(product.connections.keyring, 'unsubscribe', reference)
}

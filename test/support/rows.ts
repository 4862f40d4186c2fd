// Looks into the database where no door shows what a test must know, and turns back the clock there.
import { openReader, type Person } from '../../src/consent/readers'
import { suppress } from '../../src/consent/suppress'
import { ConsentEvent } from '../../src/entities/consent-event'
import { Newsletter } from '../../src/entities/newsletter'
import { Notice } from '../../src/entities/notice'
import { Reader } from '../../src/entities/reader'
import { Registration } from '../../src/entities/registration'
import { Suppression, type SuppressionReason } from '../../src/entities/suppression'
import { parseAddress } from '../../src/mail/address'
import { addressHash } from '../../src/secrets/address-hash'
import { joinReference } from '../../src/secrets/mail-reference'
import { makeToken } from '../../src/secrets/token'
import { transaction, write } from '../../src/transaction'
import type { Product } from './product'

export const hashOfAddress = (product: Product, email: string): Buffer =>
  addressHash(product.connections.keyring, parseAddress(email)?.canonical ?? email)

const manager = (product: Product) => product.connections.db.manager

export const readerOf = (product: Product, email: string): Promise<Reader> =>
  manager(product).findOneByOrFail(Reader, { addressHash: hashOfAddress(product, email) })

export async function personOf(product: Product, email: string): Promise<Person | undefined> {
  return openReader(product.connections.keyring, await readerOf(product, email))
}

export const registrationsOf = (product: Product, email: string): Promise<Registration[]> =>
  manager(product).find(Registration, {
    where: { addressHash: hashOfAddress(product, email) },
    order: { id: 'ASC' },
  })

export const noticesOf = (product: Product, email: string): Promise<Notice[]> =>
  manager(product).find(Notice, {
    where: { addressHash: hashOfAddress(product, email) },
    order: { id: 'ASC' },
  })

export async function eventsOf(product: Product, email: string): Promise<ConsentEvent[]> {
  const { publicId } = await readerOf(product, email)
  return manager(product).find(ConsentEvent, { where: { principal: publicId }, order: { position: 'ASC' } })
}

export const suppressionsOf = async (product: Product, email: string): Promise<SuppressionReason[]> => {
  const rows = await manager(product).findBy(Suppression, { addressHash: hashOfAddress(product, email) })
  return rows.map(row => row.reason)
}

export const suppressAddress = (product: Product, email: string, reason: SuppressionReason) =>
  transaction(product.connections.db, tx =>
    suppress(tx, hashOfAddress(product, email), reason, { newsletterId: null, note: null }),
  )

/** Waits until every notice to the address has reached an end. */
export const settled = (product: Product, email: string): Promise<Notice[]> =>
  whenSettled(() => noticesOf(product, email))

/** The same for all notices there are. */
export const allSettled = (product: Product): Promise<Notice[]> =>
  whenSettled(() => manager(product).find(Notice))

async function whenSettled(read: () => Promise<Notice[]>): Promise<Notice[]> {
  for (let tries = 0; tries < 300; tries++) {
    const notices = await read()
    if (notices.every(({ state }) => state !== 'queued' && state !== 'sending')) return notices
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('A notice is still open')
}

/** As if the notices to the address had been sent this many minutes earlier. */
export const backdateNotices = (product: Product, email: string, minutes: number): Promise<number> =>
  write(manager(product), 'UPDATE notice SET at = at - INTERVAL ? MINUTE WHERE address_hash = ?', [
    minutes,
    hashOfAddress(product, email),
  ])

/** The token that a mail of this newsletter carries for this reader. */
export async function unsubscribeToken(
  product: Product,
  email: string,
  newsletterId: string,
  keyring = product.connections.keyring,
): Promise<string> {
  const reader = await readerOf(product, email)
  const newsletter = await manager(product).findOneByOrFail(Newsletter, { publicId: newsletterId })
  return makeToken(keyring, 'unsubscribe', joinReference(newsletter.reference, reader.reference))
}

// Reader rows: sealing, opening, locking. Every verb that changes what a reader may get goes through touchReader.
import { randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { Reader } from '../entities/reader'
import type { Statement } from '../packets'
import type { Keyring } from '../secrets/keyring'
import { open, seal } from '../secrets/seal'
import { write } from '../transaction'

/** What opens from a reader's row. */
export interface Person {
  email: string
  name: string | null
}

/** Locks the row until the transaction ends: withdrawals and gates of one reader happen one after the other (I4). */
export const lockReaderByAddress = (tx: EntityManager, addressHash: Buffer): Promise<Reader | null> =>
  tx.findOne(Reader, { where: { addressHash }, lock: { mode: 'pessimistic_write' } })

/** The same by id; null: no such reader. */
export const lockReader = (tx: EntityManager, id: number): Promise<Reader | null> =>
  tx.findOne(Reader, { where: { id }, lock: { mode: 'pessimistic_write' } })

/**
 * Makes every message composed so far for this reader unsendable (I3: the gate compares the version). The write locks
 * the row as lockReaderByAddress does: what is read afterwards holds until the transaction ends. False: no such reader.
 */
export async function touchReader(tx: EntityManager, readerId: number): Promise<boolean> {
  const { sql, parameters } = touchStatement(readerId)
  return (await write(tx, sql, parameters)) === 1
}

/** What does it: one row, or none where there is no such reader. */
export const touchStatement = (readerId: number): Statement => ({
  sql: 'UPDATE reader SET version = version + 1 WHERE id = ?',
  parameters: [readerId],
})

/** A new reader's row, sealed but not yet saved. */
export function newReader(
  keyring: Keyring,
  person: Person,
  details: Pick<Reader, 'addressHash' | 'locale' | 'timeZone'> & { at: Date },
): Omit<Reader, 'id'> {
  const reference = randomBytes(10)
  return {
    publicId: uuidv7(),
    reference,
    addressHash: details.addressHash,
    ...sealPerson(keyring, reference, person),
    locale: details.locale,
    timeZone: details.timeZone,
    version: 1,
    gates: 0,
    pausedUntil: null,
    restrictedAt: null,
    invalidAt: null,
    erasedAt: null,
    confirmedAt: details.at,
    createdAt: details.at,
  }
}

/** The columns that hold a person. Always all of them: one key seals the row. */
export function sealPerson(
  keyring: Keyring,
  reference: Buffer,
  { email, name }: Person,
): Pick<Reader, 'emailSealed' | 'nameSealed' | 'keyId' | 'domain'> {
  const owner = reference.toString('hex')
  const sealed = seal(keyring, email, `reader.email:${owner}`)
  return {
    emailSealed: sealed.data,
    nameSealed: name === null ? null : seal(keyring, name, `reader.name:${owner}`).data,
    keyId: sealed.keyId,
    domain: email.slice(email.lastIndexOf('@') + 1),
  }
}

/** Address and name in clear; undefined for an erased reader. */
export function openReader(
  keyring: Keyring,
  reader: Pick<Reader, 'reference' | 'emailSealed' | 'nameSealed' | 'keyId'>,
): Person | undefined {
  if (!reader.emailSealed) return undefined
  const owner = reader.reference.toString('hex')
  const sealed = (data: Buffer) => ({ data, keyId: reader.keyId })
  return {
    email: open(keyring, sealed(reader.emailSealed), `reader.email:${owner}`),
    name: reader.nameSealed && open(keyring, sealed(reader.nameSealed), `reader.name:${owner}`),
  }
}

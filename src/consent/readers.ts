// Reader rows: sealing, opening, locking. Every verb that changes what a reader may get goes through touchReader.
import { randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { Reader } from '../entities/reader'
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

/**
 * Makes every message composed so far for this reader unsendable (I3: the gate compares the version). The write locks
 * the row as lockReaderByAddress does: what is read afterwards holds until the transaction ends. False: no such reader.
 */
export const touchReader = async (tx: EntityManager, readerId: number): Promise<boolean> =>
  (await write(tx, 'UPDATE reader SET version = version + 1 WHERE id = ?', [readerId])) === 1

/** A new reader's row, sealed but not yet saved. */
export function newReader(
  keyring: Keyring,
  person: Person,
  details: Pick<Reader, 'addressHash' | 'locale' | 'timeZone'> & { at: Date },
): Omit<Reader, 'id'> {
  const reference = randomBytes(10)
  const owner = reference.toString('hex')
  const email = seal(keyring, person.email, `reader.email:${owner}`)
  return {
    publicId: uuidv7(),
    reference,
    addressHash: details.addressHash,
    emailSealed: email.data,
    nameSealed: person.name === null ? null : seal(keyring, person.name, `reader.name:${owner}`).data,
    keyId: email.keyId,
    domain: person.email.slice(person.email.lastIndexOf('@') + 1),
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

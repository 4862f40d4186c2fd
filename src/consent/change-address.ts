// A reader's other address: nothing changes until the button behind the link that was mailed to it is pressed (G8).
import { type EntityManager, In, MoreThan } from 'typeorm'
import { passedOf, underWayFor } from '../deliveries/under-way-for'
import { EmailChange } from '../entities/email-change'
import { Reader } from '../entities/reader'
import { ReaderSession } from '../entities/reader-session'
import { Suppression } from '../entities/suppression'
import type { Keyring } from '../secrets/keyring'
import { open, seal } from '../secrets/seal'
import { readToken } from '../secrets/token'
import { databaseTime } from '../transaction'
import { BLOCKING, LIFTED } from './confirm'
import { lockReader, lockReaderByAddress, openReader, sealPerson, touchReader } from './readers'

/** How long the link works; and how long afterwards the old address is known, to be told. */
export const CHANGE_HOURS = 24

export type EmailChangeLink =
  | { kind: 'open'; change: EmailChange; newEmail: string }
  /** Genuine, but used, outdated, or run out and forgotten since. */
  | { kind: 'over' }
  | { kind: 'invalid' }

export type AddressChanged =
  | { kind: 'changed'; reader: Reader; change: EmailChange; alreadyPassed: string[] }
  | { kind: 'over' | 'invalid' | 'suppressed' }

/** Seals an address of a change; `side` is the column it goes into. */
export const sealAddress = (keyring: Keyring, reference: Buffer, side: 'new' | 'old', email: string) =>
  seal(keyring, email, `email-change.${side}:${reference.toString('hex')}`)

/** Undefined once it has done its work. */
export function addressOf(keyring: Keyring, change: EmailChange, side: 'new' | 'old'): string | undefined {
  const data = side === 'new' ? change.newSealed : change.oldSealed
  const owner = `email-change.${side}:${change.reference.toString('hex')}`
  return data ? open(keyring, { data, keyId: change.keyId }, owner) : undefined
}

/** What the link stands for; changes nothing. */
export async function readEmailChangeLink(
  db: EntityManager,
  keyring: Keyring,
  token: string,
  lock?: { mode: 'pessimistic_write' },
): Promise<EmailChangeLink> {
  const reference = readToken(keyring, 'email-change', token)
  if (!reference) return { kind: 'invalid' }
  const change = await db.findOne(EmailChange, { where: { reference }, lock })
  const newEmail = change && addressOf(keyring, change, 'new')
  const isOpen = newEmail && change.expiresAt > (await databaseTime(db))
  const isCurrent =
    isOpen && (await db.existsBy(Reader, { id: change.readerId, addressHash: change.oldHash }))
  return isCurrent ? { kind: 'open', change, newEmail } : { kind: 'over' }
}

/**
 * The reader gets mail at the new address from now on. Every log-in ends; suppressions of the old address stay with it.
 * Refused when the new one has become another reader's, or must not be mailed. Messages that had passed their gate still go
 * to the old one and are named.
 */
export async function confirmEmailChange(
  tx: EntityManager,
  keyring: Keyring,
  token: string,
): Promise<AddressChanged> {
  const link = await readEmailChangeLink(tx, keyring, token, { mode: 'pessimistic_write' })
  if (link.kind !== 'open') return link
  const { change, newEmail } = link
  const reader = await lockReader(tx, change.readerId)
  const person = reader?.addressHash?.equals(change.oldHash) && openReader(keyring, reader)
  if (!reader || !person || (await lockReaderByAddress(tx, change.newHash))) return { kind: 'over' }
  const addressHash = change.newHash
  if (await tx.existsBy(Suppression, { addressHash, reason: In(BLOCKING) })) return { kind: 'suppressed' }
  // The same rule as for a sign-up: who stopped everything since gets nothing by an older link.
  const left = { addressHash, reason: In(LIFTED) }
  if (await tx.existsBy(Suppression, { ...left, createdAt: MoreThan(change.createdAt) }))
    return { kind: 'over' }
  await tx.delete(Suppression, left)
  await touchReader(tx, reader.id)
  const sealed = sealPerson(keyring, reader.reference, { ...person, email: newEmail })
  await tx.update(Reader, reader.id, { ...sealed, addressHash, invalidAt: null })
  await tx.delete(ReaderSession, { readerId: reader.id })
  await keepOldAddress(tx, keyring, change, person.email)
  const alreadyPassed = passedOf(await underWayFor(tx, reader, undefined))
  return { kind: 'changed', reader, change, alreadyPassed }
}

async function keepOldAddress(
  tx: EntityManager,
  keyring: Keyring,
  change: EmailChange,
  oldEmail: string,
): Promise<void> {
  const old = sealAddress(keyring, change.reference, 'old', oldEmail)
  const confirmedAt = await databaseTime(tx)
  const expiresAt = new Date(confirmedAt.getTime() + CHANGE_HOURS * 3_600_000)
  const kept = { newSealed: null, oldSealed: old.data, keyId: old.keyId, confirmedAt, expiresAt }
  await tx.update(EmailChange, change.id, kept)
}

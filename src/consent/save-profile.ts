// What a reader says about themselves: name, language, time zone. None of it brings more mail, so a log-in is enough.
import type { EntityManager } from 'typeorm'
import { Reader } from '../entities/reader'
import type { Keyring } from '../secrets/keyring'
import { lockReader, openReader, sealPerson, touchReader } from './readers'

/** Undefined: as it was. Null: gone. */
export interface Profile {
  name?: string | null
  locale?: string
  timeZone?: string | null
}

/** Saves what is given. Messages composed before are composed anew (I3). Does nothing for an erased reader. */
export async function saveProfile(
  tx: EntityManager,
  keyring: Keyring,
  readerId: number,
  profile: Profile,
): Promise<void> {
  const reader = await lockReader(tx, readerId)
  const person = reader && openReader(keyring, reader)
  if (!person) return
  const { locale = reader.locale, timeZone = reader.timeZone, name = person.name } = profile
  await touchReader(tx, readerId)
  const sealed = sealPerson(keyring, reader.reference, { ...person, name })
  await tx.update(Reader, readerId, { ...sealed, locale, timeZone })
}

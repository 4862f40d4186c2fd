// Purposes and their words. The words a reader agrees to are a purpose version in one locale, never changed once written.
import { createHash } from 'node:crypto'
import { type EntityManager, In } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { Purpose, PurposeKind } from '../entities/purpose'
import { PurposeVersion } from '../entities/purpose-version'

export interface PurposeWords {
  locale: string
  title: string
  description: string
  cadence: string | null
}

/** A purpose with the words of its current version in one locale. */
export interface ShownPurpose {
  purpose: Purpose
  words: PurposeVersion
}

export const PERSONALISATION_KEY = 'personalisation'
export const topicPurposeKey = (slug: string): string => `topic:${slug}`

/** Creates a purpose with version 1 of its words. */
export async function createPurpose(
  tx: EntityManager,
  key: string,
  kind: PurposeKind,
  words: readonly PurposeWords[],
): Promise<Purpose> {
  const purpose = tx.create(Purpose, { publicId: uuidv7(), key, kind, currentVersion: 1 })
  await tx.save(purpose)
  await insertWords(tx, purpose, words)
  return purpose
}

/**
 * Orders giving consent and the start of a newsletter: who gives it shares the lock, a start holds it alone, and each
 * reads the clock after it. So a consent is either committed before the start or given later than it (I2).
 */
export async function lockPurposes(
  tx: EntityManager,
  ids: readonly number[],
  mode: 'pessimistic_read' | 'pessimistic_write',
): Promise<void> {
  await tx.find(Purpose, { where: { id: In([...ids]) }, order: { id: 'ASC' }, lock: { mode } })
}

/** Gives the purpose new words; returns without a new version when nothing changed. Earlier consents stay valid. */
export async function rewordPurpose(
  tx: EntityManager,
  purpose: Purpose,
  words: readonly PurposeWords[],
): Promise<void> {
  const current = await tx.findBy(PurposeVersion, { purposeId: purpose.id, version: purpose.currentVersion })
  const hashes = new Set(current.map(version => version.wordingHash.toString('hex')))
  const isSame =
    words.length === current.length && words.every(one => hashes.has(hashOfWording(one).toString('hex')))
  if (isSame) return
  purpose.currentVersion += 1
  await tx.update(Purpose, purpose.id, { currentVersion: purpose.currentVersion })
  await insertWords(tx, purpose, words)
}

async function insertWords(
  tx: EntityManager,
  purpose: Purpose,
  words: readonly PurposeWords[],
): Promise<void> {
  await tx.insert(
    PurposeVersion,
    words.map(one => ({
      ...one,
      purposeId: purpose.id,
      version: purpose.currentVersion,
      wordingHash: hashOfWording(one),
      createdAt: new Date(),
    })),
  )
}

/** What a consent event names besides the version. */
export const hashOfWording = (words: PurposeWords): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([words.locale, words.title, words.description, words.cadence]))
    .digest()

/** Every purpose with its current words, in the locale or else the first of the site's that has them, topics first. */
export async function shownPurposes(
  db: EntityManager,
  locale: string,
  siteLocales: readonly string[],
): Promise<ShownPurpose[]> {
  const purposes = await db.find(Purpose, { order: { kind: 'ASC', id: 'ASC' } })
  const words = await currentWords(db, purposes, locale, siteLocales)
  return purposes.flatMap(purpose => {
    const shown = words.get(purpose.id)
    return shown ? [{ purpose, words: shown }] : []
  })
}

/** The current words of each purpose, by purpose id. */
export async function currentWords(
  db: EntityManager,
  purposes: readonly Purpose[],
  locale: string,
  siteLocales: readonly string[],
): Promise<Map<number, PurposeVersion>> {
  if (purposes.length === 0) return new Map()
  const versions = await db.findBy(PurposeVersion, { purposeId: In(purposes.map(purpose => purpose.id)) })
  const wanted = [locale, ...siteLocales]
  const shown = new Map<number, PurposeVersion>()
  for (const purpose of purposes) {
    const current = versions.filter(
      one => one.purposeId === purpose.id && one.version === purpose.currentVersion,
    )
    const match = wanted.map(one => current.find(version => version.locale === one)).find(version => version)
    if (match) shown.set(purpose.id, match)
  }
  return shown
}

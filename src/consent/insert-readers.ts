// New readers by the hundred, in one statement per table.
import type { EntityManager } from 'typeorm'
import { Consent } from '../entities/consent'
import { ConsentEvent } from '../entities/consent-event'
import { Reader } from '../entities/reader'
import { insertReturning, insertRows } from '../insert-rows'
import { siteOf } from './first-start'
import { buildEvents, type ConsentFact } from './ledger'

export interface NewReader {
  row: Omit<Reader, 'id'>
  /** In the order they happened. */
  facts: readonly ConsentFact[]
}

/** Writes the readers and the chains that begin with them. Fails on a unique key when an address is already known. */
export async function insertReaders(tx: EntityManager, readers: readonly NewReader[]): Promise<void> {
  if (readers.length === 0) return
  const { termsHash: terms } = await siteOf(tx)
  const rows = readers.map(reader => reader.row)
  const made = await insertReturning<{ id: number; public_id: string }>(tx, Reader, rows, 'id, public_id')
  const ids = new Map(made.map(row => [row.public_id, row.id]))
  const events: Omit<ConsentEvent, 'id'>[] = []
  const consents: Consent[] = []
  for (const { row, facts } of readers) {
    const id = ids.get(row.publicId)
    if (id === undefined) throw new Error('A reader was not written')
    const built = buildEvents({ id, publicId: row.publicId }, facts, { head: undefined, consents: [], terms })
    events.push(...built.events)
    consents.push(...built.consents)
  }
  await insertRows(tx, ConsentEvent, events)
  await insertRows(tx, Consent, consents)
}

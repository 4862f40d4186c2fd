// Passing readers on to a processor, a page at a time. What is passed and that it was passed are one commit (promise P8).
import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { openReader } from '../consent/readers'
import { standsSql } from '../consent/skip-reason'
import type { ApiKey } from '../entities/api-key'
import { Disclosure } from '../entities/disclosure'
import { Processor } from '../entities/processor'
import { PurposeKind } from '../entities/purpose'
import type { Reader } from '../entities/reader'
import { redact } from '../log'
import type { Keyring } from '../secrets/keyring'
import { databaseTime, select, write } from '../transaction'
import { allowedUnderSql } from './agreements'

export interface Wanted {
  apiKey: Pick<ApiKey, 'id' | 'processorId'>
  purposeKey: string
  reason: string
  limit: number
  /** The number of the last reader of the page before. */
  after: string | undefined
}

/** What the processor is given of one reader: what its registry entry names, and nothing else. */
export interface PassedReader {
  ref: string
  email: string | null
  name: string | null
  locale: string | null
}

export type Disclosed =
  | { kind: 'passed'; readers: PassedReader[]; hasMore: boolean }
  /** Not active, or no agreement that stands today. */
  | { kind: 'no-agreement' }
  /** Not one of its purposes, or none that consent to passing data on can be given for. */
  | { kind: 'no-purpose' }
  | { kind: 'bad-cursor' }

/**
 * The next readers who said yes to this purpose, and say so now. Erased, restricted and suppressed ones are nobody's.
 * The transaction holds the processor's row and those of the readers: suspending, ending and withdrawing wait for it, and
 * after their answer nothing more is passed.
 */
export async function disclose(tx: EntityManager, keyring: Keyring, wanted: Wanted): Promise<Disclosed> {
  const allowed = await allowedTo(tx, wanted)
  if (typeof allowed === 'string') return { kind: allowed }
  const { processor, purposeId, agreementId } = allowed
  const after = await readerBehind(tx, processor.id, wanted.after)
  if (after === undefined) return { kind: 'bad-cursor' }
  const found = await consenting(tx, purposeId, after, wanted.limit + 1)
  const readers = found.slice(0, wanted.limit)
  const hasMore = found.length > readers.length
  if (readers.length === 0) return { kind: 'passed', readers: [], hasMore }
  const refs = await refsOf(tx, processor.id, readers)
  await writeDown(tx, { ...wanted, processor, purposeId, agreementId }, readers)
  return { kind: 'passed', readers: readers.map(one => passed(keyring, processor, one, refs)), hasMore }
}

interface Allowed {
  processor: Processor
  purposeId: number
  agreementId: number
}

async function allowedTo(
  tx: EntityManager,
  { apiKey: { processorId }, purposeKey }: Wanted,
): Promise<Allowed | 'no-agreement' | 'no-purpose'> {
  const lock = { mode: 'pessimistic_read' } as const
  const processor = await tx.findOne(Processor, { where: { id: processorId ?? 0 }, lock })
  const [standing] = await select<{ agreementId: number | null }>(
    tx,
    `SELECT ${allowedUnderSql} AS agreementId FROM processor p WHERE p.id = ?`,
    [processorId],
  )
  if (!processor || !standing?.agreementId) return 'no-agreement'
  const [purpose] = await select<{ id: number }>(
    tx,
    `SELECT u.id FROM purpose u JOIN processor_purpose pp ON pp.purpose_id = u.id AND pp.processor_id = ?
     WHERE u.\`key\` = ? AND u.kind = ?`,
    [processor.id, purposeKey, PurposeKind.THIRD_PARTY_PROCESSING],
  )
  return purpose ? { processor, purposeId: purpose.id, agreementId: standing.agreementId } : 'no-purpose'
}

/** 0 for the first page; undefined for a number this processor was never given. */
async function readerBehind(
  tx: EntityManager,
  processorId: number,
  ref: string | undefined,
): Promise<number | undefined> {
  if (ref === undefined) return 0
  const [row] = await select<{ readerId: number }>(
    tx,
    'SELECT reader_id AS readerId FROM processor_reader WHERE processor_id = ? AND ref = ?',
    [processorId, ref],
  )
  return row?.readerId
}

type Row = Pick<Reader, 'id' | 'reference' | 'emailSealed' | 'nameSealed' | 'keyId' | 'locale'>

const consenting = (tx: EntityManager, purposeId: number, after: number, limit: number): Promise<Row[]> =>
  select(
    tx,
    `SELECT r.id, r.reference, r.email_sealed AS emailSealed, r.name_sealed AS nameSealed, r.key_id AS keyId, r.locale
     FROM consent c JOIN reader r ON r.id = c.reader_id
     WHERE c.purpose_id = ? AND c.reader_id > ? AND ${standsSql('c')}
       AND r.erased_at IS NULL AND r.address_hash IS NOT NULL AND r.restricted_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM suppression x WHERE x.address_hash = r.address_hash)
     ORDER BY c.reader_id LIMIT ? LOCK IN SHARE MODE`,
    [purposeId, after, limit],
  )

/** The processor's own numbers for them, made where there is none yet. */
async function refsOf(
  tx: EntityManager,
  processorId: number,
  readers: readonly Row[],
): Promise<Map<number, string>> {
  const ids = readers.map(({ id }) => id)
  await write(tx, 'INSERT IGNORE INTO processor_reader (processor_id, reader_id, ref) VALUES ?', [
    ids.map(id => [processorId, id, randomUUID()]),
  ])
  const rows = await select<{ readerId: number; ref: string }>(
    tx,
    'SELECT reader_id AS readerId, ref FROM processor_reader WHERE processor_id = ? AND reader_id IN (?)',
    [processorId, ids],
  )
  return new Map(rows.map(({ readerId, ref }) => [readerId, ref]))
}

async function writeDown(
  tx: EntityManager,
  { processor, purposeId, agreementId, apiKey, reason }: Wanted & Allowed,
  readers: readonly Row[],
): Promise<void> {
  const at = await databaseTime(tx)
  const { id } = await tx.save(
    tx.create(Disclosure, {
      publicId: uuidv7(),
      processorId: processor.id,
      purposeId,
      agreementId,
      apiKeyId: apiKey.id,
      dataCategories: processor.dataCategories,
      recordCount: readers.length,
      reason: redact(reason).slice(0, MAX_REASON),
      at,
    }),
  )
  await write(
    tx,
    'INSERT INTO disclosed_reader (disclosure_id, reader_id, processor_id, purpose_id, at) VALUES ?',
    [readers.map(reader => [id, reader.id, processor.id, purposeId, at])],
  )
}

export const MAX_REASON = 500

function passed(
  keyring: Keyring,
  { dataCategories }: Processor,
  reader: Row,
  refs: ReadonlyMap<number, string>,
): PassedReader {
  const ref = refs.get(reader.id)
  const person = openReader(keyring, reader)
  if (!ref || !person) throw new Error('A reader without number or address was about to be passed on')
  const may = (category: string) => dataCategories.includes(category)
  return {
    ref,
    email: may('email') ? person.email : null,
    name: may('name') ? person.name : null,
    locale: may('locale') ? reader.locale : null,
  }
}

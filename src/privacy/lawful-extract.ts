// The extract for an authority: what the reader's own copy holds, of this one reader, made when it is downloaded and kept nowhere.
import { createHash } from 'node:crypto'
import type { DataSource, EntityManager } from 'typeorm'
import { LawfulDisclosure } from '../entities/lawful-disclosure'
import { Reader } from '../entities/reader'
import type { Keyring } from '../secrets/keyring'
import { readToken } from '../secrets/token'
import { databaseTime, transaction } from '../transaction'
import { collectData } from './collect'
import { exportFile } from './export-file'
import { isOpenExtract, lockPresentReader } from './lawful-disclosures'
import { subjectOf } from './subject'

export type Extract =
  | { kind: 'file'; disclosure: LawfulDisclosure; file: Buffer }
  /** Not approved, downloaded before, too late, or the reader is erased. */
  | { kind: 'over' }
  | { kind: 'unknown' }

/**
 * Hands the extract out, once. `whenHandedOut` runs in the transaction that notes it: that it was handed out, to whom and
 * with which hash is written before a byte leaves.
 */
export async function handOutExtract(
  db: DataSource,
  keyring: Keyring,
  ticket: string,
  staffId: number,
  whenHandedOut: (tx: EntityManager, disclosure: LawfulDisclosure, reader: Reader) => Promise<void>,
): Promise<Extract> {
  const reference = readToken(keyring, 'lawful-disclosure', ticket)
  const found = reference && (await db.manager.findOneBy(LawfulDisclosure, { ticket: reference }))
  if (!found) return { kind: 'unknown' }
  if (!isOpenExtract(found, await databaseTime(db.manager))) return { kind: 'over' }
  const file = await makeExtract(db, keyring, found.readerId)
  if (!file) return { kind: 'over' }
  return transaction(db, async tx => {
    // An erasure that comes first leaves nobody to speak of, one that comes later finds it handed out.
    const reader = await lockPresentReader(tx, found.readerId)
    const lock = { mode: 'pessimistic_write' } as const
    const disclosure = await tx.findOneOrFail(LawfulDisclosure, { where: { id: found.id }, lock })
    const handedOutAt = await databaseTime(tx)
    if (!reader || !isOpenExtract(disclosure, handedOutAt)) return { kind: 'over' }
    const extractHash = createHash('sha256').update(file).digest()
    const noted = { handedOutById: staffId, handedOutAt, extractHash }
    await tx.update(LawfulDisclosure, disclosure.id, noted)
    await whenHandedOut(tx, { ...disclosure, ...noted }, reader)
    return { kind: 'file', disclosure, file }
  })
}

/** Of one moment. What other authorities asked about the person is none of this one's business. */
const makeExtract = (db: DataSource, keyring: Keyring, readerId: number): Promise<Buffer | undefined> =>
  db.transaction('REPEATABLE READ', async tx => {
    const reader = await tx.findOneBy(Reader, { id: readerId })
    if (!reader?.addressHash) return undefined
    const collected = await collectData(tx, keyring, subjectOf(reader, reader.addressHash))
    const { lawful_disclosure: _, ...data } = collected.data
    return exportFile({ ...collected, data })
  })

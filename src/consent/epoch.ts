// Recognises a restored or cloned database (I14), by comparing it with what was seen last, kept in a file under STATE_DIR.
//
// The database holds epochs: its lives. The present one counts generations, which the leading worker renews at its start
// and with every sweep. The file holds the last epoch and generation its processes have seen. The database is ours if it
// contains that moment: it has the file's epoch, at the same generation or a later one. Otherwise, or with no file, it is
// a restore, unless it holds nobody yet (a first start). The order of writes keeps this true at every moment:
// - A renewal commits first and is written to the file after: a crash in between leaves the file behind, which is normal.
// - The file is read before the database: one that another process moves on meanwhile is never ahead of what is read.
// - A release ends the file's epoch in the database at the file's generation and starts a new one: files of other hosts
//   that are not ahead of that are still contained, those that are ahead (their journals know more) hold again.
// - While the site is held nobody renews or touches the file.
// A dump restored together with its STATE_DIR, or before the next renewal, cannot be told from the original.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DataSource, type EntityManager, IsNull } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { Epoch } from '../entities/epoch'
import { Newsletter } from '../entities/newsletter'
import { Reader } from '../entities/reader'
import { Registration } from '../entities/registration'
import { Suppression } from '../entities/suppression'
import { transaction, write } from '../transaction'
import { hold, isHeld } from './hold'
import { writeDurably } from './write-durably'

/** A moment in the life of a database. */
export interface SeenEpoch {
  epoch: string
  generation: number
}

const fileOf = (stateDir: string): string => join(stateDir, 'epoch.json')

/** What the processes of this STATE_DIR saw last; undefined when there is no file, or none that can be read as one. */
export function readSeenEpoch(stateDir: string): SeenEpoch | undefined {
  try {
    const { epoch, generation } = JSON.parse(readFileSync(fileOf(stateDir), 'utf8')) as SeenEpoch
    return typeof epoch === 'string' && Number.isSafeInteger(generation) ? { epoch, generation } : undefined
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export const writeSeenEpoch = (stateDir: string, { epoch, generation }: SeenEpoch): void =>
  writeDurably(fileOf(stateDir), `${JSON.stringify({ epoch, generation })}\n`)

/** Begins an epoch at this generation. */
export async function startEpoch(tx: EntityManager, generation: number): Promise<SeenEpoch> {
  const epoch = uuidv7()
  await tx.insert(Epoch, { id: epoch, generation, startedAt: new Date(), endedAt: null, reason: null })
  return { epoch, generation }
}

/** For processes that do not send: gives a STATE_DIR without a file the epoch of a database that holds nobody yet. */
export async function adoptFirstEpoch(db: EntityManager, stateDir: string): Promise<void> {
  const present = (await db.find(Epoch)).find(one => !one.endedAt)
  if (present && !readSeenEpoch(stateDir) && (await holdsNobody(db)))
    writeSeenEpoch(stateDir, { epoch: present.id, generation: present.generation })
}

/** `restored`: recognised just now; `held`: it still waits for its release. */
export type EpochAnswer = 'ours' | 'restored' | 'held'

/**
 * Compares database and file, and holds the site when the database is a restore. When it is ours, the file has the present
 * moment afterwards. `renew`: also begin a new generation. Throws when STATE_DIR cannot be read or written.
 */
export async function keepEpoch(
  db: DataSource,
  stateDir: string,
  { renew }: { renew: boolean },
): Promise<EpochAnswer> {
  if (await isHeld(db.manager)) return 'held'
  const seen = readSeenEpoch(stateDir)
  if (renew && seen) await renewGeneration(db.manager, seen)
  const epochs = await db.manager.find(Epoch)
  const present = epochs.find(one => !one.endedAt)
  if (!present) throw new Error('The database has no epoch')
  const same = epochs.find(one => one.id === seen?.epoch)
  const isOurs = seen !== undefined && same !== undefined && same.generation >= seen.generation
  if (!isOurs && !(await holdsNobody(db.manager))) {
    const why = seen
      ? 'The database is not the one this installation saw last: it was restored or copied'
      : 'STATE_DIR does not know this database: it was restored or copied, or this is a new host'
    await transaction(db, tx => hold(tx, why))
    return 'restored'
  }
  moveOn(stateDir, seen, { epoch: present.id, generation: present.generation })
  return 'ours'
}

/** Never of a dump that came in between: that one is behind the file. */
const renewGeneration = (db: EntityManager, { epoch, generation }: SeenEpoch): Promise<number> =>
  write(
    db,
    'UPDATE epoch SET generation = generation + 1 WHERE id = ? AND ended_at IS NULL AND generation >= ?',
    [epoch, generation],
  )

/** Another process of this STATE_DIR may have been faster. */
function moveOn(stateDir: string, seen: SeenEpoch | undefined, next: SeenEpoch): void {
  const now = readSeenEpoch(stateDir)
  if (now?.epoch !== seen?.epoch) return
  if (now && now.epoch === next.epoch && now.generation >= next.generation) return
  writeSeenEpoch(stateDir, next)
}

/** Nobody who could be mailed, and nothing to mail. */
async function holdsNobody(db: EntityManager): Promise<boolean> {
  for (const entity of [Reader, Registration, Suppression, Newsletter])
    if (await db.existsBy(entity, {})) return false
  return true
}

/**
 * The epoch of the database and the one this STATE_DIR saw last. They are the same except after a release elsewhere, or
 * when somebody writes into the database that there was one.
 */
export async function presentEpochs(db: EntityManager, stateDir: string): Promise<ReadonlySet<string>> {
  const present = await db.findOneBy(Epoch, { endedAt: IsNull() })
  const seen = readSeenEpoch(stateDir)
  return new Set([present?.id, seen?.epoch].filter(one => one !== undefined))
}

// Every deletion was signed before it was done, and deleted what it names and nothing else.
import type { EntityManager } from 'typeorm'
import { z } from 'zod'
import { Tombstone } from '../entities/tombstone'
import { canonicalJson } from '../secrets/canonical-json'
import { isSignedBy } from '../secrets/ledger-signer'
import { select } from '../transaction'
import { TOMBSTONE_KIND } from './delete-events'
import type { Findings } from './findings'
import { groupBy } from './group-by'
import { digestOf, type Leaf } from './leaf'

const TOMBSTONES_AT_ONCE = 500

const tombstoneBody = z.object({
  kind: z.literal(TOMBSTONE_KIND),
  principal: z.string(),
  events: z.int(),
  digest: z.string(),
  basis: z.string(),
  actor: z.string(),
  at: z.string(),
})

type Buried = Leaf & { tombstoneId: number }

/** Returns how many tombstones there are. */
export async function verifyTombstones(
  db: EntityManager,
  publicKey: Buffer,
  findings: Findings,
): Promise<number> {
  let count = 0
  for (let after = 0; ; ) {
    const tombstones = await db
      .createQueryBuilder(Tombstone, 'tombstone')
      .where('tombstone.id > :after', { after })
      .orderBy('tombstone.id')
      .limit(TOMBSTONES_AT_ONCE)
      .getMany()
    if (tombstones.length === 0) break
    const buried = await buriedIn(db, tombstones)
    for (const tombstone of tombstones) {
      const what = problemOf(tombstone, buried.get(tombstone.id) ?? [], publicKey)
      if (what) findings.add({ reader: tombstone.principal, what })
    }
    count += tombstones.length
    after = tombstones.at(-1)?.id ?? after
  }
  await findStray(db, findings)
  return count
}

async function buriedIn(db: EntityManager, tombstones: readonly Tombstone[]): Promise<Map<number, Buried[]>> {
  const rows = await select<Buried>(
    db,
    `SELECT event_id AS id, tombstone_id AS tombstoneId, principal, position, hash FROM tombstone_event
     WHERE tombstone_id IN (?) ORDER BY event_id`,
    [tombstones.map(one => one.id)],
  )
  return groupBy(rows, row => row.tombstoneId)
}

function problemOf(tombstone: Tombstone, buried: readonly Buried[], publicKey: Buffer): string | undefined {
  const { body: text, principal, signature } = tombstone
  if (!isSignedBy(publicKey, text, signature)) return 'has a tombstone without a valid signature'
  const body = tombstoneBody.safeParse(JSON.parse(text)).data
  const named = { principal, events: buried.length, digest: digestOf(buried).toString('hex') }
  if (!body || canonicalJson({ ...body, ...named }) !== text) return 'has a tombstone that names other events'
  return buried.every(one => one.principal === principal)
    ? undefined
    : 'has a tombstone with events of others'
}

async function findStray(db: EntityManager, findings: Findings): Promise<void> {
  const unsigned = await select<{ principal: string }>(
    db,
    `SELECT t.principal FROM tombstone_event t LEFT JOIN tombstone b ON b.id = t.tombstone_id
     WHERE b.id IS NULL LIMIT 10`,
  )
  for (const { principal } of unsigned)
    findings.add({ reader: principal, what: 'has a deleted event without a tombstone' })
  const undead = await select<{ principal: string; position: number }>(
    db,
    'SELECT e.principal, e.position FROM tombstone b JOIN consent_event e ON e.principal = b.principal LIMIT 10',
  )
  for (const { principal, position } of undead)
    findings.add({ reader: principal, position, what: 'is there although a tombstone says it was deleted' })
}

// Saying yes again, by the link of a mail. Only the POST behind it comes here; it renews what was given, and nothing else.
import { createHash } from 'node:crypto'
import { type EntityManager, In } from 'typeorm'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { PurposeVersion } from '../entities/purpose-version'
import { Reader } from '../entities/reader'
import { type RegisteredDecision } from '../entities/registration'
import { Renewal } from '../entities/renewal'
import type { Keyring } from '../secrets/keyring'
import { readToken } from '../secrets/token'
import { databaseTime, select } from '../transaction'
import { type ReadDecisions, readDecisions } from './decisions'
import { type ConsentFact, readLedger, recordFacts } from './ledger'
import { lockPurposes } from './purposes'
import { touchReader } from './readers'
import { isRenewable } from './renewal-needs'

export type RenewalLink =
  | { kind: 'found'; renewal: Renewal; reader: Reader }
  /** Genuine, but the person is gone. */
  | { kind: 'gone' }
  | { kind: 'invalid' }

/** What the link stands for; changes nothing. With a lock, of the reader's row. */
export async function readRenewalLink(
  db: EntityManager,
  keyring: Keyring,
  token: string,
  lock?: { mode: 'pessimistic_write' },
): Promise<RenewalLink> {
  const reference = readToken(keyring, 'renew', token)
  if (!reference) return { kind: 'invalid' }
  const renewal = await db.findOneBy(Renewal, { reference })
  const reader = renewal && (await db.findOne(Reader, { where: { id: renewal.readerId }, lock }))
  return renewal && reader?.addressHash ? { kind: 'found', renewal, reader } : { kind: 'gone' }
}

/** The purposes that a link of this reader renews now, by id. */
export async function renewablePurposes(db: EntityManager, readerId: number): Promise<number[]> {
  const rows = await select<{ id: number }>(
    db,
    `SELECT c.purpose_id AS id FROM consent c LEFT JOIN topic t ON t.purpose_id = c.purpose_id
     WHERE c.reader_id = ? AND ${isRenewable} ORDER BY c.purpose_id`,
    [readerId],
  )
  return rows.map(row => row.id)
}

/** What the reader was shown with the button. */
export type ShownWithButton = Parameters<typeof readDecisions>[1]

export type Renewed =
  | { kind: 'renewed'; purposeIds: number[] }
  /** What was shown is not what is in force: it has to be shown anew. */
  | { kind: 'stale' }
  /** There is nothing of it to renew: it was renewed already, has ended, or was taken back. */
  | { kind: 'nothing' }
  | Exclude<RenewalLink, { kind: 'found' }>

/** Renews what was said yes to, of what the link can renew, under the texts that were shown. */
export async function renew(
  tx: EntityManager,
  keyring: Keyring,
  token: string,
  shown: ShownWithButton,
  siteLocales: readonly string[],
): Promise<Renewed> {
  const link = await readRenewalLink(tx, keyring, token, { mode: 'pessimistic_write' })
  if (link.kind !== 'found') return link
  const { reader } = link
  const open = await renewablePurposes(tx, reader.id)
  if (open.length === 0) return { kind: 'nothing' }
  const read = await readDecisions(tx, shown, siteLocales)
  const yeses = read.kind === 'current' ? read.decisions.filter(yesTo(open)) : []
  if (read.kind !== 'current' || yeses.length === 0) return { kind: 'stale' }
  await touchReader(tx, reader.id)
  const purposeIds = yeses.map(one => one.purposeId)
  await lockPurposes(tx, purposeIds, 'pessimistic_read')
  const ledger = await readLedger(tx, reader)
  await recordFacts(tx, reader, ledger, await facts(tx, link.renewal, { ...read, decisions: yeses }))
  return { kind: 'renewed', purposeIds }
}

const yesTo =
  (open: readonly number[]) =>
  ({ granted, purposeId }: RegisteredDecision): boolean =>
    granted && open.includes(purposeId)

async function facts(
  tx: EntityManager,
  { reference, reason }: Renewal,
  { policy, decisions }: Extract<ReadDecisions, { kind: 'current' }>,
): Promise<ConsentFact[]> {
  const versions = await tx.findBy(PurposeVersion, { id: In(decisions.map(one => one.purposeVersionId)) })
  const at = await databaseTime(tx)
  // Proves which mail was answered without being usable.
  const link = createHash('sha256').update(reference).digest('hex')
  return versions.map(words => ({
    purposeId: words.purposeId,
    purposeVersionId: words.id,
    wordingHash: words.wordingHash,
    policyVersionId: policy.id,
    policyNumber: policy.number,
    policyHash: policy.hash,
    toState: 'RenewedConsentGiven',
    surface: ConsentSurface.CONFIRM_PAGE,
    method: ConsentMethod.CONFIRM_LINK,
    actor: 'READER',
    at,
    evidence: { link, renewal: reason, locale: words.locale },
    proof: { kind: 'LINK' },
  }))
}

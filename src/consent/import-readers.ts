// Readers from elsewhere, with the evidence of their yes. An import only fills what was never asked here: it changes no
// answer, renames nobody, lifts no suppression and causes no mail.
import { type EntityManager, In } from 'typeorm'
import { Consent } from '../entities/consent'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { Reader } from '../entities/reader'
import { Suppression } from '../entities/suppression'
import { addressHash } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'
import { databaseTime } from '../transaction'
import { insertReaders } from './insert-readers'
import { type ConsentFact, readLedger, recordFacts } from './ledger'
import { endOfConsent } from './projection'
import { isSendable, type Proof } from './proof'
import { lockPurposes } from './purposes'
import { newReader, touchReader } from './readers'

/** A row that says that this address agreed to these words. */
export interface ImportedYes {
  /** In canonical form: it goes into RCPT as it is (I13). */
  address: string
  name: string | null
  locale: string
  shown: readonly Pick<ConsentFact, 'purposeId' | 'purposeVersionId' | 'wordingHash'>[]
  policy: Pick<ConsentFact, 'policyVersionId' | 'policyNumber' | 'policyHash'>
  proof: Proof & { kind: 'IMPORT' }
  /** Where the row is to be found, besides. */
  evidence: ConsentFact['evidence']
}

/** Why a row that is complete is not taken. */
export type ImportRefusal = 'suppressed' | 'answered' | 'blocked' | 'time-future' | 'time-expired'
export type ImportOutcome = 'accepted' | 'unchanged' | ImportRefusal

interface Person {
  addressHash: Buffer
  rows: { index: number; yes: ImportedYes }[]
}

/** What the tables say about one person, read under their lock. */
interface Known {
  reader: Reader | undefined
  isSuppressed: boolean
  consents: readonly Consent[]
}

/**
 * Takes in the rows and answers what became of each, in their order. `unchanged`: all of it stands already, as it does
 * when an address comes twice. Fails on a unique key when somebody signs up at the same moment: then run it again.
 * `actor` is the role of who imports.
 */
export async function importReaders(
  tx: EntityManager,
  keyring: Keyring,
  actor: string,
  rows: readonly ImportedYes[],
): Promise<ImportOutcome[]> {
  const people = peopleIn(keyring, rows)
  const knownOf = await lockAndRead(tx, people)
  await lockPurposes(
    tx,
    [...new Set(rows.flatMap(row => row.shown.map(one => one.purposeId)))],
    'pessimistic_read',
  )
  const at = await databaseTime(tx)
  const plans = people.map(person => plan(person, knownOf(person), { actor, at }))
  await insertReaders(
    tx,
    plans.filter(({ reader, facts }) => !reader && facts.length > 0).map(one => newcomer(keyring, one, at)),
  )
  for (const { reader, facts } of plans) if (reader && facts.length > 0) await addTo(tx, reader, facts)
  const outcomes = new Map(plans.flatMap(one => one.outcomes))
  return rows.map((_, index) => outcomes.get(index) ?? 'unchanged')
}

function peopleIn(keyring: Keyring, rows: readonly ImportedYes[]): Person[] {
  const people = new Map<string, Person>()
  for (const [index, yes] of rows.entries()) {
    const person = people.get(yes.address) ?? { addressHash: addressHash(keyring, yes.address), rows: [] }
    person.rows.push({ index, yes })
    people.set(yes.address, person)
  }
  return [...people.values()]
}

async function lockAndRead(tx: EntityManager, people: readonly Person[]): Promise<(person: Person) => Known> {
  const hashes = people.map(person => person.addressHash)
  const readers = await tx.find(Reader, {
    where: { addressHash: In(hashes) },
    order: { id: 'ASC' },
    lock: { mode: 'pessimistic_write' },
  })
  const suppressions = await tx.findBy(Suppression, { addressHash: In(hashes) })
  const consents = await tx.findBy(Consent, { readerId: In(readers.map(reader => reader.id)) })
  const byHash = new Map(readers.map(reader => [reader.addressHash?.toString('hex'), reader]))
  const suppressed = new Set(suppressions.map(one => one.addressHash.toString('hex')))
  return person => {
    const hash = person.addressHash.toString('hex')
    const reader = byHash.get(hash)
    return {
      reader,
      isSuppressed: suppressed.has(hash),
      consents: reader ? consents.filter(consent => consent.readerId === reader.id) : [],
    }
  }
}

interface Plan extends Person {
  reader: Reader | undefined
  outcomes: [index: number, ImportOutcome][]
  facts: ConsentFact[]
}

/** Pure: what becomes of each row of one person, and the facts that are to be written. */
function plan(person: Person, known: Known, by: { actor: string; at: Date }): Plan {
  const states = new Map(known.consents.map(consent => [consent.purposeId, consent.state]))
  const facts: ConsentFact[] = []
  const outcomes = person.rows.map(({ index, yes }): [number, ImportOutcome] => {
    const refusal = refusalOf(yes, known, by.at)
    if (refusal) return [index, refusal]
    const asked = yes.shown.filter(
      ({ purposeId }) => (states.get(purposeId) ?? 'ConsentUnknown') !== 'ConsentUnknown',
    )
    if (asked.some(({ purposeId }) => !isSendable(states.get(purposeId)))) return [index, 'answered']
    const fresh = yes.shown.filter(one => !asked.includes(one))
    for (const shown of fresh) {
      states.set(shown.purposeId, 'ConsentGiven')
      facts.push(factOf(yes, shown, by))
    }
    return [index, fresh.length > 0 ? 'accepted' : 'unchanged']
  })
  return { ...person, reader: known.reader, outcomes, facts }
}

function refusalOf(
  { proof }: ImportedYes,
  { reader, isSuppressed }: Known,
  at: Date,
): ImportRefusal | undefined {
  if (isSuppressed) return 'suppressed'
  if (reader?.restrictedAt || reader?.invalidAt) return 'blocked'
  if (proof.collectedAt > at) return 'time-future'
  return endOfConsent(proof.collectedAt) <= at ? 'time-expired' : undefined
}

const factOf = (
  yes: ImportedYes,
  shown: ImportedYes['shown'][number],
  { actor, at }: { actor: string; at: Date },
): ConsentFact => ({
  ...shown,
  ...yes.policy,
  toState: 'ConsentGiven',
  surface: ConsentSurface.IMPORT,
  method: ConsentMethod.SAVE_CHOICES,
  actor,
  at,
  evidence: yes.evidence,
  proof: yes.proof,
})

/** Named as in the first row that was taken. */
function newcomer(keyring: Keyring, { addressHash, rows, outcomes, facts }: Plan, at: Date) {
  const taken = rows.find((_, n) => outcomes[n]?.[1] === 'accepted')
  if (!taken) throw new Error('Facts of nobody')
  const { address, name, locale } = taken.yes
  const row = newReader(keyring, { email: address, name }, { addressHash, locale, timeZone: null, at })
  return { row, facts }
}

async function addTo(tx: EntityManager, reader: Reader, facts: readonly ConsentFact[]): Promise<void> {
  await recordFacts(tx, reader, await readLedger(tx, reader), facts)
  await touchReader(tx, reader.id)
}

// Turns a pending registration into consent. Only the POST behind the mailed link comes here; it can only add.
import { createHash } from 'node:crypto'
import { type EntityManager, In, MoreThan } from 'typeorm'
import type { Consent } from '../entities/consent'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { PurposeVersion } from '../entities/purpose-version'
import { Reader } from '../entities/reader'
import { type RegisteredDecision, Registration } from '../entities/registration'
import { Suppression, SuppressionReason } from '../entities/suppression'
import type { Keyring } from '../secrets/keyring'
import { open } from '../secrets/seal'
import { readToken } from '../secrets/token'
import { databaseTime, isDuplicate } from '../transaction'
import { type PolicyMark, policiesOf } from './agreed-policy'
import { type ConsentFact, readLedger, recordFacts } from './ledger'
import { isSendable } from './proof'
import { lockPurposes } from './purposes'
import { lockReaderByAddress, newReader, touchReader } from './readers'

export type Confirmed =
  | { kind: 'confirmed'; readerId: number; registration: Registration }
  | { kind: 'invalid' }
  | { kind: 'expired' }
  | { kind: 'already'; registration: Registration }
  | { kind: 'suppressed' }
  /** Asked under a policy that a material version has replaced since, which has not been shown yet (G5). */
  | { kind: 'stale'; registration: Registration }

/** These block everything, also a confirmation (DESIGN §2). */
const BLOCKING = [SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT, SuppressionReason.MANUAL]
/** These are lifted by the person's own confirmation, and by nothing else. */
const LIFTED = [SuppressionReason.ERASED, SuppressionReason.UNSUBSCRIBED_ALL]

export type ConfirmLink =
  | { kind: 'found'; registration: Registration }
  /** Genuine, but denied or cleaned away after its 72 hours. */
  | { kind: 'gone' }
  | { kind: 'invalid' }

/** What the link stands for; changes nothing. */
export async function readConfirmLink(
  db: EntityManager,
  keyring: Keyring,
  token: string,
  lock?: { mode: 'pessimistic_write' },
): Promise<ConfirmLink> {
  const reference = readToken(keyring, 'confirm', token)
  if (!reference) return { kind: 'invalid' }
  const registration = await db.findOne(Registration, { where: { reference }, lock })
  return registration ? { kind: 'found', registration } : { kind: 'gone' }
}

/** The address that asked, in clear. Undefined once it was confirmed or cleaned away. */
export const registeredAddress = (keyring: Keyring, registration: Registration): string | undefined =>
  registration.emailSealed
    ? open(
        keyring,
        { data: registration.emailSealed, keyId: registration.keyId },
        `registration.email:${registration.reference.toString('hex')}`,
      )
    : undefined

const registeredName = (keyring: Keyring, registration: Registration): string | null =>
  registration.nameSealed &&
  open(
    keyring,
    { data: registration.nameSealed, keyId: registration.keyId },
    `registration.name:${registration.reference.toString('hex')}`,
  )

/**
 * Confirms once, within 72 hours. A known reader keeps name and refusals as they are: only given consents are added.
 * Where a material policy came into force since it was asked for, `shownPolicy` must be the version in force: then the
 * yes is to that one.
 */
export async function confirm(
  tx: EntityManager,
  keyring: Keyring,
  token: string,
  shownPolicy?: string,
): Promise<Confirmed> {
  const link = await readConfirmLink(tx, keyring, token, { mode: 'pessimistic_write' })
  if (link.kind !== 'found') return { kind: link.kind === 'gone' ? 'expired' : 'invalid' }
  const { registration } = link
  if (registration.confirmedAt) return { kind: 'already', registration }
  const email = registeredAddress(keyring, registration)
  if (!email || registration.expiresAt <= (await databaseTime(tx))) return { kind: 'expired' }
  const { addressHash } = registration
  const known = await lockReaderByAddress(tx, addressHash)
  if (await tx.existsBy(Suppression, { addressHash, reason: In(BLOCKING) })) return { kind: 'suppressed' }
  if (await hasLeftSince(tx, registration)) return { kind: 'expired' }
  const { asked, toShow } = await policiesOf(tx, registration)
  if (toShow && toShow.version !== shownPolicy) return { kind: 'stale', registration }
  await tx.delete(Suppression, { addressHash, reason: In(LIFTED) })
  const at = await timeOfConsent(tx, registration)
  const { reader, isKnown } = known
    ? { reader: known, isKnown: true }
    : await insertReader(tx, keyring, registration, email, at)
  const ledger = await readLedger(tx, reader)
  const policies = { asked, agreed: toShow ?? asked }
  await recordFacts(tx, reader, ledger, await facts(tx, registration, policies, ledger.consents, at, isKnown))
  if (isKnown) await touchReader(tx, reader.id)
  await tx.update(Registration, registration.id, {
    confirmedAt: at,
    readerId: reader.id,
    emailSealed: null,
    nameSealed: null,
  })
  return { kind: 'confirmed', readerId: reader.id, registration }
}

/** Taken after the lock that a start of a newsletter waits for. */
async function timeOfConsent(tx: EntityManager, { decisions }: Registration): Promise<Date> {
  const given = decisions.filter(decision => decision.granted)
  await lockPurposes(
    tx,
    given.map(decision => decision.purposeId),
    'pessimistic_read',
  )
  return databaseTime(tx)
}

/** A link from before the person stopped everything is no new request: only one asked for afterwards lifts that. */
const hasLeftSince = (tx: EntityManager, { addressHash, createdAt }: Registration): Promise<boolean> =>
  tx.existsBy(Suppression, { addressHash, reason: In(LIFTED), createdAt: MoreThan(createdAt) })

/** Two links of one new address can be confirmed at once: the later one finds the reader the other has just made. */
async function insertReader(
  tx: EntityManager,
  keyring: Keyring,
  registration: Registration,
  email: string,
  at: Date,
): Promise<{ reader: Reader; isKnown: boolean }> {
  const { addressHash, locale, timeZone } = registration
  const person = { email, name: registeredName(keyring, registration) }
  const row = tx.create(Reader, newReader(keyring, person, { addressHash, locale, timeZone, at }))
  try {
    return { reader: await tx.save(row), isKnown: false }
  } catch (error) {
    const reader = isDuplicate(error) ? await lockReaderByAddress(tx, addressHash) : null
    if (!reader) throw error
    return { reader, isKnown: true }
  }
}

/** Asked for and given are two facts with their own times; a new reader's refusals are kept as well. */
async function facts(
  tx: EntityManager,
  registration: Registration,
  policies: { asked: PolicyMark; agreed: PolicyMark },
  consents: readonly Consent[],
  at: Date,
  isKnown: boolean,
): Promise<ConsentFact[]> {
  const versions = await tx.findBy(PurposeVersion, {
    id: In(registration.decisions.map(decision => decision.purposeVersionId)),
  })
  const wordingOf = (decision: RegisteredDecision) => {
    const version = versions.find(one => one.id === decision.purposeVersionId)
    if (!version) throw new Error('A decision names words that do not exist')
    return version.wordingHash
  }
  const base = (decision: RegisteredDecision, policy: PolicyMark) => ({
    purposeId: decision.purposeId,
    purposeVersionId: decision.purposeVersionId,
    wordingHash: wordingOf(decision),
    policyVersionId: policy.id,
    policyNumber: policy.number,
    policyHash: policy.hash,
    actor: 'READER',
  })
  const evidence = {
    link: linkEvidence(registration),
    agePassed: registration.agePassed,
    locale: registration.locale,
  }
  return registration.decisions.flatMap((decision): ConsentFact[] => {
    const state = consents.find(consent => consent.purposeId === decision.purposeId)?.state
    const asked = {
      ...base(decision, policies.asked),
      surface: registration.surface as ConsentSurface,
      method: ConsentMethod.SAVE_CHOICES,
      at: registration.createdAt,
      evidence,
    }
    if (!decision.granted) return isKnown ? [] : [{ ...asked, toState: 'ConsentRefused' }]
    const given: ConsentFact = {
      ...base(decision, policies.agreed),
      toState: isSendable(state) ? 'RenewedConsentGiven' : 'ConsentGiven',
      surface: ConsentSurface.CONFIRM_PAGE,
      method: ConsentMethod.CONFIRM_LINK,
      at,
      evidence,
      proof: { kind: 'LINK' },
    }
    return isSendable(state) ? [given] : [{ ...asked, toState: 'ConsentRequested' }, given]
  })
}

/** A fingerprint of the link that was used: proves which mail was answered without being usable. */
const linkEvidence = (registration: Registration): string =>
  createHash('sha256').update(registration.reference).digest('hex')

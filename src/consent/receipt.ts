// The receipt of a reader: every consent with its history and the words agreed to, signed, for the reader to keep.
//
// Its form follows ISO/IEC TS 27560 in the terms of DPV 2.3, as the DPVCG's guide writes it. It holds no address and no
// name. Under `events` each has exactly the fields that its hash covers, so that whoever holds it can compute the chain.
import type { EntityManager } from 'typeorm'
import { In } from 'typeorm'
import { v4 as uuidv4, v5 as uuidv5 } from 'uuid'
import { Consent } from '../entities/consent'
import { ConsentEvent } from '../entities/consent-event'
import { ConsentTerms } from '../entities/consent-terms'
import { PolicyVersion } from '../entities/policy-version'
import { Purpose, PurposeKind } from '../entities/purpose'
import { PurposeVersion } from '../entities/purpose-version'
import { Reader } from '../entities/reader'
import { canonicalJson, type Json } from '../secrets/canonical-json'
import type { LedgerSigner } from '../secrets/ledger-signer'
import { databaseTime } from '../transaction'
import { siteOf } from './first-start'
import { groupBy } from './group-by'

const SCHEMA = 'https://w3id.org/dpv/schema/dpv-27560'
const CONTEXT = {
  dpv: 'https://w3id.org/dpv#',
  'eu-gdpr': 'https://w3id.org/dpv/legal/eu/gdpr#',
  pd: 'https://w3id.org/dpv/pd#',
  dct: 'http://purl.org/dc/terms/',
  schema: 'https://schema.org/',
}

const purposeTypes: Record<PurposeKind, string> = {
  [PurposeKind.NEWSLETTER_TOPIC]: 'dpv:DirectMarketing',
  [PurposeKind.PERSONALISATION]: 'dpv:Personalisation',
  [PurposeKind.ANALYTICS_COOKIES]: 'dpv:ServiceUsageAnalytics',
  [PurposeKind.ADVERTISING_COOKIES]: 'dpv:Advertising',
  [PurposeKind.CLICK_COUNTING]: 'dpv:ServiceUsageAnalytics',
  [PurposeKind.THIRD_PARTY_PROCESSING]: 'dpv:ServiceProvision',
}

/** What the records of one reader refer to, by id. */
interface Referred {
  purposes: Map<number, Purpose>
  words: Map<number, PurposeVersion>
  policies: Map<number, PolicyVersion>
  terms: Map<string, Json>
  consents: Map<number, Consent>
}

/** A signed JSON file, with line breaks for people. The same reader gets another identifier and time each time. */
export async function receiptOf(db: EntityManager, signer: LedgerSigner, readerId: number): Promise<string> {
  const { publicId } = await db.findOneByOrFail(Reader, { id: readerId })
  const events = await db.find(ConsentEvent, { where: { principal: publicId }, order: { position: 'ASC' } })
  const referred = await referredTo(db, readerId, events)
  const records = [...groupBy(events, event => event.purposeId).values()]
  const receipt = {
    '@context': CONTEXT,
    '@type': 'dpv:ConsentReceipt',
    'dct:identifier': uuidv4(),
    'dct:conformsTo': `${SCHEMA}#receipt-eu-gdpr`,
    'dct:created': (await databaseTime(db)).toISOString(),
    'dct:publisher': (await siteOf(db)).name,
    'schema:recipient': 'dpv:DataSubject',
    'dpv:hasRecordOfActivity': records.map(history => recordOf(history, referred)),
  }
  const signature = {
    type: 'Ed25519',
    over: 'the receipt as canonical JSON (RFC 8785)',
    publicKey: signer.publicKey.toString('base64'),
    value: signer.sign(canonicalJson(receipt)).toString('base64'),
  }
  return JSON.stringify({ receipt, signature }, undefined, 2)
}

async function referredTo(
  db: EntityManager,
  readerId: number,
  events: readonly ConsentEvent[],
): Promise<Referred> {
  const all = <T>(pick: (event: ConsentEvent) => T) => In([...new Set(events.map(pick))])
  const purposes = await db.findBy(Purpose, { id: all(event => event.purposeId) })
  const words = await db.findBy(PurposeVersion, { id: all(event => event.purposeVersionId) })
  const policies = await db.findBy(PolicyVersion, { id: all(event => event.policyVersionId) })
  const terms = await db.find(ConsentTerms)
  const consents = await db.findBy(Consent, { readerId })
  return {
    purposes: new Map(purposes.map(one => [one.id, one])),
    words: new Map(words.map(one => [one.id, one])),
    policies: new Map(policies.map(one => [one.id, one])),
    terms: new Map(terms.map(one => [one.hash.toString('hex'), JSON.parse(one.document) as Json])),
    consents: new Map(consents.map(one => [one.purposeId, one])),
  }
}

/** One consent: who, for what, under which terms, how it stands, and how that came about. */
function recordOf(history: readonly ConsentEvent[], referred: Referred): Json {
  const last = history.at(-1)
  const purpose = last && referred.purposes.get(last.purposeId)
  if (!last || !purpose) throw new Error('An event names a purpose that does not exist')
  const terms = referred.terms.get(last.termsHash?.toString('hex') ?? '')
  return {
    '@type': 'dpv:ConsentRecord',
    'dct:identifier': uuidv5(purpose.publicId, last.principal),
    'dct:conformsTo': `${SCHEMA}#record-eu-gdpr`,
    'dpv:hasDataSubject': last.principal,
    'dpv:hasPurpose': {
      '@type': purposeTypes[purpose.kind],
      'dct:identifier': purpose.key,
      'dct:title': referred.words.get(last.purposeVersionId)?.title ?? '',
    },
    'dpv:hasConsentStatus': `dpv:${last.toState}`,
    'dct:valid': referred.consents.get(purpose.id)?.expiresAt?.toISOString() ?? null,
    ...(typeof terms === 'object' && !Array.isArray(terms) ? terms : {}),
    events: history.map(event => eventOf(event, referred)),
  }
}

function eventOf(event: ConsentEvent, { words, policies }: Referred): Json {
  const said = words.get(event.purposeVersionId)
  const policy = policies.get(event.policyVersionId)
  return {
    'dpv:hasConsentStatus': `dpv:${event.toState}`,
    words: said
      ? { locale: said.locale, title: said.title, description: said.description, cadence: said.cadence }
      : null,
    'dpv:hasNotice': policy
      ? {
          '@type': 'dpv:PrivacyNotice',
          version: policy.version,
          'dct:title': policy.title,
          'dct:language': policy.locale,
        }
      : null,
    hashed: {
      recordVersion: event.recordVersion,
      publicId: event.publicId,
      principal: event.principal,
      position: event.position,
      previousHash: event.previousHash.toString('hex'),
      purposeId: event.purposeId,
      fromState: event.fromState,
      toState: event.toState,
      purposeVersionId: event.purposeVersionId,
      wordingHash: event.wordingHash.toString('hex'),
      policyVersionId: event.policyVersionId,
      policyHash: event.policyHash.toString('hex'),
      surface: event.surface,
      method: event.method,
      actor: event.actor,
      at: event.at.toISOString(),
      evidence: event.evidence,
      termsHash: event.termsHash?.toString('hex') ?? null,
    },
    hash: event.hash.toString('hex'),
  }
}

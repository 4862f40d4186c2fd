// What is promised around every consent, besides the words of its purpose: a document that each new event names by hash.
//
// The fields are those of ISO/IEC TS 27560 that are the same for everybody on this site, in the terms of the Data Privacy
// Vocabulary (DPV 2.3) and its EU GDPR extension; receipts repeat them.
import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { canonicalJson, type Json } from '../secrets/canonical-json'
import { write } from '../transaction'
import { CONSENT_MONTHS } from './projection'

export interface Controller {
  siteName: string
  contact: string
  postalAddress: string
  publicUrl: URL
  /** ISO 3166 code of the country or part of one whose law applies; undefined: the operator has not said. */
  jurisdiction: string | undefined
  supervisoryAuthority: string | undefined
}

const STATED_NOWHERE = 'not stated'

/** The document of this site, as things are now. */
export const termsOf = (controller: Controller): string => canonicalJson(terms(controller))

const terms = ({ siteName, contact, postalAddress, publicUrl, ...law }: Controller): Json => ({
  'dpv:hasDataController': {
    '@type': 'dpv:DataController',
    'dpv:hasName': siteName,
    'dpv:hasAddress': postalAddress,
    'dpv:hasContact': contact,
    'schema:url': publicUrl.origin,
  },
  'dpv:hasJurisdiction': law.jurisdiction ?? STATED_NOWHERE,
  'dpv:hasAuthority': law.supervisoryAuthority ?? STATED_NOWHERE,
  'dpv:hasLegalBasis': 'eu-gdpr:A6-1-a',
  'dpv:hasConsentType': 'dpv:ExpressedConsent',
  'dpv:hasPersonalData': [
    { '@type': 'pd:EmailAddress', 'dpv:isOptional': false },
    { '@type': 'pd:Name', 'dpv:isOptional': true },
  ],
  'dpv:hasSensitivePersonalData': [],
  'dpv:hasDataSource': 'dpv:DataSubject',
  'dpv:hasProcessing': ['dpv:Store', 'dpv:Use'],
  'dpv:hasRecipient': [],
  'dpv:hasStorageCondition': [
    { '@type': 'dpv:StorageDuration', 'schema:description': 'while the consent stands' },
    {
      '@type': 'dpv:StorageDuration',
      'schema:description': 'proof, after its end',
      'dpv:hasDuration': 'P3Y',
    },
  ],
  'dpv:hasDuration': `P${CONSENT_MONTHS}M`,
  'dpv:hasRight': ['A7-3', 'A15', 'A16', 'A17', 'A18', 'A20', 'A21', 'A77'].map(one => `eu-gdpr:${one}`),
  'dpv:hasConsentControl': {
    '@type': 'dpv:WithdrawConsent',
    'dpv:isImplementedUsingTechnology': [
      'List-Unsubscribe-Post of every newsletter',
      'link in every newsletter',
    ],
    'schema:url': `${publicUrl.origin}/u/`,
  },
})

export const hashOfTerms = (document: string): Buffer => createHash('sha256').update(document).digest()

/** Makes these the site's present terms, at every start: they come from the environment. Earlier ones are kept. */
export async function keepTerms(tx: EntityManager, controller: Controller): Promise<void> {
  const document = termsOf(controller)
  const hash = hashOfTerms(document)
  await write(
    tx,
    'INSERT IGNORE INTO consent_terms (hash, document, created_at) VALUES (?, ?, UTC_TIMESTAMP(3))',
    [hash, document],
  )
  await write(tx, 'UPDATE site SET terms_hash = ? WHERE id = 1 AND NOT terms_hash <=> ?', [hash, hash])
}

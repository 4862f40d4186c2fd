// The facts a sign-up leaves, as consent/confirm writes them, with the times given.
import { createHash, randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { ConsentFact } from '../consent/ledger'
import { policyVersion } from '../consent/policies'
import { shownPurposes } from '../consent/purposes'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'

/** What a reader saw when deciding about one purpose. */
export type Shown = Pick<
  ConsentFact,
  'purposeId' | 'purposeVersionId' | 'wordingHash' | 'policyVersionId' | 'policyNumber' | 'policyHash'
>

/** Every purpose's present words under one policy version (undefined: the one in force), by purpose key. */
export async function shownWords(
  db: EntityManager,
  locale: string,
  siteLocales: readonly string[],
  policyNumber?: number,
): Promise<Map<string, Shown>> {
  const policy = await policyVersion(db, policyNumber, locale, siteLocales)
  if (!policy) throw new Error('There is no such policy version')
  const purposes = await shownPurposes(db, locale, siteLocales)
  return new Map(
    purposes.map(({ purpose, words }) => [
      purpose.key,
      {
        purposeId: purpose.id,
        purposeVersionId: words.id,
        wordingHash: words.wordingHash,
        policyVersionId: policy.id,
        policyNumber: policy.number,
        policyHash: policy.hash,
      },
    ]),
  )
}

export type Evidence = ConsentFact['evidence']

/** The same fields as of a real confirmation; the link behind the fingerprint never existed. */
export const signUpEvidence = (locale: string, agePassed: number): Evidence => ({
  link: createHash('sha256').update(randomBytes(16)).digest('hex'),
  agePassed,
  locale,
})

/** The form was sent with a yes, and the mailed link was answered. */
export const askedAndGiven = (
  shown: Shown,
  times: { askedAt: Date; givenAt: Date },
  evidence: Evidence,
): ConsentFact[] => [
  { ...asked(shown, times.askedAt, evidence), toState: 'ConsentRequested' },
  confirmed(shown, 'ConsentGiven', times.givenAt, evidence),
]

/** The form was sent with a no. */
export const refused = (shown: Shown, at: Date, evidence: Evidence): ConsentFact => ({
  ...asked(shown, at, evidence),
  toState: 'ConsentRefused',
})

/** A reader who had said yes said it again, by a mailed link. */
export const renewed = (shown: Shown, at: Date, evidence: Evidence): ConsentFact =>
  confirmed(shown, 'RenewedConsentGiven', at, evidence)

/** One press in a mail program took the yes back. */
export const withdrawn = (shown: Shown, at: Date): ConsentFact => ({
  ...shown,
  toState: 'ConsentWithdrawn',
  surface: ConsentSurface.ONE_CLICK_HEADER,
  method: ConsentMethod.ONE_CLICK,
  actor: 'READER',
  at,
  evidence: {},
})

const asked = (shown: Shown, at: Date, evidence: Evidence) => ({
  ...shown,
  surface: ConsentSurface.WEB_FORM,
  method: ConsentMethod.SAVE_CHOICES,
  actor: 'READER',
  at,
  evidence,
})

const confirmed = (
  shown: Shown,
  toState: 'ConsentGiven' | 'RenewedConsentGiven',
  at: Date,
  evidence: Evidence,
): ConsentFact => ({
  ...shown,
  toState,
  surface: ConsentSurface.CONFIRM_PAGE,
  method: ConsentMethod.CONFIRM_LINK,
  actor: 'READER',
  at,
  evidence,
  proof: { kind: 'LINK' },
})

// The mail that asks to renew, composed anew for every attempt: the link is derived, so retries have the same one.
import { type EntityManager, In } from 'typeorm'
import { policyVersion } from '../consent/policies'
import { currentWords } from '../consent/purposes'
import { openReader } from '../consent/readers'
import { renewablePurposes } from '../consent/renew'
import { Consent } from '../entities/consent'
import type { Notice } from '../entities/notice'
import { Purpose } from '../entities/purpose'
import { Reader } from '../entities/reader'
import { Renewal } from '../entities/renewal'
import type { Keyring } from '../secrets/keyring'
import { makeToken } from '../secrets/token'
import type { NoticeFacts, NoticeMail } from './compose'
import { renewalMail } from './renewal-mail'

/** Undefined when the reader is gone, or has nothing to renew any more. */
export async function composeRenewal(
  db: EntityManager,
  keyring: Keyring,
  notice: Notice,
  facts: NoticeFacts,
): Promise<NoticeMail | undefined> {
  const renewal = await db.findOneBy(Renewal, { noticeId: notice.id })
  const reader = await db.findOneBy(Reader, { addressHash: notice.addressHash })
  const person = reader && openReader(keyring, reader)
  if (!renewal || !person || renewal.readerId !== reader.id) return undefined
  const purposeIds = await renewablePurposes(db, reader.id)
  const purposes = await db.find(Purpose, { where: { id: In(purposeIds) }, order: { id: 'ASC' } })
  const consents = await db.findBy(Consent, { readerId: reader.id, purposeId: In(purposeIds) })
  const ends = consents.flatMap(consent => consent.expiresAt ?? []).sort((a, b) => a.getTime() - b.getTime())
  const { locale } = notice
  const policy = await policyVersion(db, undefined, locale, facts.locales)
  if (purposes.length === 0 || !ends[0] || !policy) return undefined
  const words = await currentWords(db, purposes, locale, facts.locales)
  const token = makeToken(keyring, 'renew', renewal.reference, renewal.keyId)
  const mail = renewalMail({
    ...facts,
    locale,
    reason: renewal.reason,
    purposes: purposes.flatMap(purpose => words.get(purpose.id) ?? []),
    changeSummary: policy.changeSummary,
    url: new URL(`/a/${token}`, facts.publicUrl).href,
    policyUrl: new URL(`/privacy/${policy.version}`, facts.publicUrl).href,
    endsAt: ends[0],
  })
  return { to: person.email, ...mail }
}

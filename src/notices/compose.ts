// A notice's mail, composed anew for every attempt from the rows: nothing of it is stored, and retries have the same link.
import type { EntityManager } from 'typeorm'
import { registeredAddress } from '../consent/confirm'
import { registrationFor } from '../consent/notice-gate'
import { currentWords } from '../consent/purposes'
import { CONFIRM_HOURS } from '../consent/subscribe'
import type { Notice } from '../entities/notice'
import { Purpose, PurposeKind } from '../entities/purpose'
import type { Registration } from '../entities/registration'
import type { Keyring } from '../secrets/keyring'
import { makeToken } from '../secrets/token'
import { confirmationMail } from './confirmation-mail'

export interface NoticeMail {
  to: string
  subject: string
  html: string
  text: string
}

export interface NoticeFacts {
  siteName: string
  contact: string
  postalAddress: string
  publicUrl: URL
  locales: readonly string[]
}

/** The confirmation mail; undefined when there is nothing to confirm any more. */
export async function composeConfirmation(
  db: EntityManager,
  keyring: Keyring,
  notice: Notice,
  facts: NoticeFacts,
): Promise<NoticeMail | undefined> {
  const registration = await registrationFor(db, notice)
  const to = registration && registeredAddress(keyring, registration)
  if (!registration || !to) return undefined
  const asked = await askedFor(db, registration, facts.locales)
  // Its own key: after a rotation a retry carries the same link.
  const token = makeToken(keyring, 'confirm', registration.reference, registration.keyId)
  const confirmUrl = new URL(`/c/${token}`, facts.publicUrl).href
  const mail = confirmationMail({
    locale: registration.locale,
    siteName: facts.siteName,
    topics: asked.filter(one => one.isTopic),
    otherPurposes: asked.filter(one => !one.isTopic).map(one => one.title),
    askedAt: registration.createdAt,
    confirmUrl,
    denyUrl: confirmUrl,
    expiresHours: CONFIRM_HOURS,
    postalAddress: facts.postalAddress,
    contact: facts.contact,
  })
  return { to, ...mail }
}

/** What was said yes to, in the words of the site: never anything the visitor typed (standards O4). */
export async function askedFor(
  db: EntityManager,
  registration: Registration,
  siteLocales: readonly string[],
): Promise<{ title: string; cadence: string | null; isTopic: boolean }[]> {
  const granted = registration.decisions
    .filter(decision => decision.granted)
    .map(decision => decision.purposeId)
  const purposes = (await db.find(Purpose, { order: { id: 'ASC' } })).filter(one => granted.includes(one.id))
  const words = await currentWords(db, purposes, registration.locale, siteLocales)
  return purposes.flatMap(purpose => {
    const shown = words.get(purpose.id)
    const isTopic = purpose.kind === PurposeKind.NEWSLETTER_TOPIC
    return shown ? [{ title: shown.title, cadence: shown.cadence, isTopic }] : []
  })
}

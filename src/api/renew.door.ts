// /a/{token}: GET shows what would be renewed and changes nothing, POST renews, POST …/stop takes it back.

import type { Request, Response } from 'express'
import { type EntityManager, In } from 'typeorm'
import { currentPolicy, materialVersion } from '../consent/policies'
import { currentWords } from '../consent/purposes'
import { openReader } from '../consent/readers'
import { type RenewalLink, readRenewalLink, renew, renewablePurposes } from '../consent/renew'
import { stopAsked } from '../consent/stop-asked'
import { Consent } from '../entities/consent'
import { Purpose } from '../entities/purpose'
import { maskAddress } from '../mail/address'
import { transaction } from '../transaction'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { formFields } from './form-body'
import { type Frame, frameOf, sendPage } from './page-frame'
import { confirmInvalidPage } from './pages/confirm-page'
import {
  type RenewablePurpose,
  renewedPage,
  renewNothingPage,
  renewPage,
  renewStoppedPage,
} from './pages/renew-page'
import { decisionsIn, SHOWN_PREFIX } from './subscribe-details'

const tokenOf = (request: Request): string => String(request.params.token)

export const renewForm: DoorHandler = async (services, request, response) => {
  const { link, frame } = await opened(services, request)
  if (link.kind === 'invalid') return sendPage(response, confirmInvalidPage(frame), 404)
  if (link.kind === 'gone') return sendPage(response, renewNothingPage(frame), 410)
  await sendForm(services, response, frame, link)
}

export const renewSubmit: DoorHandler = async (services, request, response) => {
  const { db, keyring } = services
  const { link, frame } = await opened(services, request)
  const fields = await formFields(request)
  const only = fields.get('only')
  const shown = {
    locale: fields.get('locale') ?? frame.locale,
    policyVersion: fields.get('policyVersion') ?? '',
    decisions: decisionsIn(fields, SHOWN_PREFIX, true).filter(one => !only || one.purposeKey === only),
  }
  const renewed = await transaction(db, tx => renew(tx, keyring, tokenOf(request), shown, frame.locales))
  if (renewed.kind === 'invalid' || link.kind === 'invalid')
    return sendPage(response, confirmInvalidPage(frame), 404)
  if (renewed.kind === 'gone' || link.kind === 'gone') return sendPage(response, renewNothingPage(frame), 410)
  if (renewed.kind === 'nothing') return sendPage(response, renewNothingPage(frame))
  if (renewed.kind === 'stale') return sendForm(services, response, frame, link, true)
  const purposes = await shownPurposesOf(db.manager, renewed.purposeIds, frame)
  sendPage(response, renewedPage({ ...frame, purposes }))
}

export const renewStop: DoorHandler = async (services, request, response) => {
  const { db, keyring } = services
  const { frame } = await opened(services, request)
  const keys = decisionsIn(await formFields(request), SHOWN_PREFIX, false).map(one => one.purposeKey)
  const stopped = await transaction(db, tx => stopAsked(tx, keyring, tokenOf(request), keys))
  if (stopped.kind === 'invalid') return sendPage(response, confirmInvalidPage(frame), 404)
  if (stopped.kind === 'gone') return sendPage(response, renewNothingPage(frame), 410)
  sendPage(response, renewStoppedPage({ ...frame, alreadyPassed: stopped.alreadyPassed.length }))
}

async function opened(services: Services, request: Request): Promise<{ link: RenewalLink; frame: Frame }> {
  const link = await readRenewalLink(services.db.manager, services.keyring, tokenOf(request))
  const preferred = link.kind === 'found' ? link.reader.locale : undefined
  return { link, frame: await frameOf(services, request, preferred) }
}

async function sendForm(
  { db, keyring }: Services,
  response: Response,
  frame: Frame,
  { reader }: Extract<RenewalLink, { kind: 'found' }>,
  isStale = false,
): Promise<void> {
  const purposeIds = await renewablePurposes(db.manager, reader.id)
  const person = openReader(keyring, reader)
  if (purposeIds.length === 0 || !person) return sendPage(response, renewNothingPage(frame))
  const material = await materialVersion(db.manager)
  const consents = await db.manager.findBy(Consent, { readerId: reader.id, purposeId: In(purposeIds) })
  const html = renewPage({
    ...frame,
    isStale,
    token: String(response.req.params.token),
    maskedEmail: maskAddress(person.email),
    purposes: await shownPurposesOf(db.manager, purposeIds, frame),
    policy: await currentPolicy(db.manager, frame.locale, frame.locales),
    isPolicyOld: consents.some(consent => consent.policyNumber < material),
  })
  sendPage(response, html, isStale ? 422 : 200)
}

/** In their present words. */
async function shownPurposesOf(
  db: EntityManager,
  ids: readonly number[],
  { locale, locales }: Frame,
): Promise<RenewablePurpose[]> {
  const purposes = await db.find(Purpose, { where: { id: In([...ids]) }, order: { kind: 'ASC', id: 'ASC' } })
  const words = await currentWords(db, purposes, locale, locales)
  return purposes.flatMap(({ id, key }) => {
    const shown = words.get(id)
    return shown ? [{ ...shown, key }] : []
  })
}

// /c/{token}: GET shows what would be confirmed and changes nothing, POST confirms, POST …/deny deletes the request.
import type { Request, Response } from 'express'
import { policiesOf } from '../consent/agreed-policy'
import { confirm, readConfirmLink, registeredAddress } from '../consent/confirm'
import { deny } from '../consent/deny'
import type { Registration } from '../entities/registration'
import { maskAddress } from '../mail/address'
import { askedFor } from '../notices/compose'
import { transaction } from '../transaction'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { formFields } from './form-body'
import { type Frame, frameOf, sendPage } from './page-frame'
import {
  alreadyConfirmedPage,
  confirmDeniedPage,
  confirmExpiredPage,
  confirmedPage,
  confirmInvalidPage,
  confirmPage,
} from './pages/confirm-page'
import type { ChangedPolicy } from './pages/policy-news'

const tokenOf = (request: Request): string => String(request.params.token)

const form: DoorHandler = async (services, request, response) => {
  const { db, keyring } = services
  const link = await readConfirmLink(db.manager, keyring, tokenOf(request))
  const frame = await frameOf(services, request, link.kind === 'found' ? link.registration.locale : undefined)
  if (link.kind === 'invalid') return sendPage(response, confirmInvalidPage(frame), 404)
  if (link.kind === 'gone') return sendPage(response, confirmExpiredPage(frame), 410)
  const { registration } = link
  if (registration.confirmedAt) return sendPage(response, alreadyConfirmedPage(frame))
  if (registration.expiresAt <= new Date()) return sendPage(response, confirmExpiredPage(frame), 410)
  const asked = await shown(services, registration, frame)
  sendPage(response, confirmPage({ ...frame, ...asked, token: tokenOf(request) }))
}

const submit: DoorHandler = async (services, request, response) => {
  const { db, keyring } = services
  const before = await readConfirmLink(db.manager, keyring, tokenOf(request))
  const registration = before.kind === 'found' ? before.registration : undefined
  const frame = await frameOf(services, request, registration?.locale)
  const asked = registration && (await shown(services, registration, frame))
  const policyVersion = (await formFields(request)).get('policyVersion') ?? undefined
  const confirmed = await transaction(db, tx => confirm(tx, keyring, tokenOf(request), policyVersion))
  if (confirmed.kind === 'confirmed') void services.limits.breaker.confirmed()
  if (confirmed.kind === 'stale' && registration) {
    // What came into force since the page was opened is shown first.
    const again = await shown(services, registration, frame)
    return sendPage(response, confirmPage({ ...frame, ...again, token: tokenOf(request) }), 422)
  }
  answer(response, confirmed.kind, frame, asked)
}

function answer(
  response: Response,
  kind: Awaited<ReturnType<typeof confirm>>['kind'],
  frame: Frame,
  asked: Shown | undefined,
): void {
  if (kind === 'confirmed' && asked) return sendPage(response, confirmedPage({ ...frame, ...asked }))
  if (kind === 'already') return sendPage(response, alreadyConfirmedPage(frame))
  if (kind === 'expired') return sendPage(response, confirmExpiredPage(frame), 410)
  sendPage(response, confirmInvalidPage(frame), 404)
}

export const confirmDoor = { form, submit }

export const denyDoor: DoorHandler = async (services, request, response) => {
  const { db, keyring } = services
  const frame = await frameOf(services, request)
  const denied = await transaction(db, tx => deny(tx, keyring, tokenOf(request)))
  if (denied.kind === 'invalid') return sendPage(response, confirmInvalidPage(frame), 404)
  sendPage(response, denied.kind === 'denied' ? confirmDeniedPage(frame) : alreadyConfirmedPage(frame))
}

interface Shown {
  topics: { title: string; cadence: string | null }[]
  otherPurposes: string[]
  maskedEmail: string
  policy: ChangedPolicy | undefined
}

async function shown({ db, keyring }: Services, registration: Registration, frame: Frame): Promise<Shown> {
  const asked = await askedFor(db.manager, registration, frame.locales)
  const address = registeredAddress(keyring, registration)
  const { toShow } = await policiesOf(db.manager, registration)
  return {
    topics: asked.filter(one => one.isTopic),
    otherPurposes: asked.filter(one => !one.isTopic).map(one => one.title),
    maskedEmail: address ? maskAddress(address) : '',
    policy: toShow,
  }
}

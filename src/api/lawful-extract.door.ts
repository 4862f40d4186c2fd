// POST /lawful-disclosures/{ticket}: an admin downloads the extract for an authority, once. The ticket alone opens nothing.
import type { Request, Response } from 'express'
import { audit, staffActor } from '../consent/audit'
import { isFresh } from '../consent/staff-session'
import type { StaffUser } from '../entities/staff-user'
import { queueDisclosed } from '../notices/queue-disclosed'
import { handOutExtract } from '../privacy/lawful-extract'
import { tellDisclosed } from '../privacy/tell-disclosed'
import { type Services, staffOf } from './context'
import type { DoorHandler } from './door'
import { sendJsonError } from './json-error'
import { requestId } from './request-id'

export const lawfulExtract: DoorHandler = async (services, request, response) => {
  const { db, keyring, enqueue } = services
  const admin = await freshAdmin(services, request)
  if (typeof admin === 'string') return refuse(response, admin)
  const actor = staffActor(admin, requestId() ?? '')
  let noticeId: number | undefined
  const extract = await handOutExtract(
    db,
    keyring,
    String(request.params.ticket),
    admin.id,
    async (tx, one) => {
      await audit(tx, actor, 'lawful.hand-out', one.publicId, `SHA-256 ${one.extractHash?.toString('hex')}`)
      noticeId = await tellDisclosed(tx, one.id, queueDisclosed)
    },
  )
  if (extract.kind !== 'file') return refuse(response, extract.kind)
  if (noticeId !== undefined) await enqueue.notice(noticeId)
  response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' })
  response
    .attachment(`disclosure-${extract.disclosure.publicId}.zip`)
    .type('application/zip')
    .send(extract.file)
}

const refusals = {
  nobody: [401, 'UNAUTHENTICATED', 'Log in first.'],
  forbidden: [403, 'FORBIDDEN', 'This is for admins.'],
  stale: [403, 'REAUTH_REQUIRED', 'Enter your password or a code once more first.'],
  unknown: [404, 'NOT_FOUND', 'There is no such extract.'],
  over: [410, 'INVALID_STATE', 'This extract was not approved, was downloaded before, or is over.'],
} as const

function refuse(response: Response, why: keyof typeof refusals): void {
  const [status, code, message] = refusals[why]
  sendJsonError(response, status, code, message)
}

async function freshAdmin(
  services: Services,
  request: Request,
): Promise<StaffUser | 'nobody' | 'forbidden' | 'stale'> {
  const login = await staffOf(services, request)
  if (!login) return 'nobody'
  if ('apiKey' in login || login.staff.role !== 'ADMIN') return 'forbidden'
  return (await isFresh(services.db.manager, login.session)) ? login.staff : 'stale'
}

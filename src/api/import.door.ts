// PUT /imports/{ticket}: the file of an import, taken in while it arrives. The answer comes when the last row is done.
import type { Request, Response } from 'express'
import { MoreThan } from 'typeorm'
import { staffActor } from '../consent/audit'
import { ImportJob } from '../entities/import-job'
import { StaffUser } from '../entities/staff-user'
import { SendingProblem, type SendingReason } from '../imports/problem'
import { runImport } from '../imports/run-import'
import { message, pickLocale } from '../messages'
import { hashToken } from '../secrets/opaque-token'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { importView } from './import.types'
import { requestId } from './request-id'

/** A sender that is silent for so long has gone. */
const SILENCE_MS = 60_000

export const importUpload: DoorHandler = async (services, request, response) => {
  const locale = pickLocale(services.config.locales, request.headers['accept-language'])
  if (request.headers['content-encoding']) return refuse(response, 415, locale, 'encoded')
  const found = await importOf(services, String(request.params.ticket))
  if (!found) return refuse(response, 404, locale, 'ticket')
  const { job, staff } = found
  request.setTimeout(SILENCE_MS, () => request.destroy())
  try {
    const actor = staffActor(staff, requestId() ?? '')
    const ended = await runImport({ ...services, actor }, job.id, bodyOf(request))
    const { id, status, rows, accepted, unchanged, rejectedCount, problem } = importView(ended, locale)
    response
      .status(problem ? 422 : 200)
      .json({ id, status, rows, accepted, unchanged, rejectedCount, problem })
  } catch (error) {
    if (request.destroyed && !request.complete) return
    if (!(error instanceof SendingProblem)) throw error
    refuse(response, 409, locale, error.reason)
  }
}

/** Not destroyed when the import has read enough: the answer still has to leave on its connection. */
const bodyOf = (request: Request): AsyncIterable<Buffer> =>
  request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>

/** The import behind the ticket, and whose it is, as long as that is an admin. */
async function importOf(
  { db: { manager } }: Services,
  ticket: string,
): Promise<{ job: ImportJob; staff: StaffUser } | undefined> {
  const job = await manager.findOneBy(ImportJob, {
    ticketHash: hashToken(ticket),
    expiresAt: MoreThan(new Date()),
  })
  const staff = job?.staffId ? await manager.findOneBy(StaffUser, { id: job.staffId }) : null
  return job && staff?.role === 'ADMIN' && !staff.disabledAt ? { job, staff } : undefined
}

/** What was sent and not read any more is not listened to. */
function refuse(
  response: Response,
  status: number,
  locale: string,
  reason: SendingReason | 'ticket' | 'encoded',
): void {
  const error = { code: reason, message: message(locale, `import.${reason}`) }
  response.set('Connection', 'close').status(status).json({ error })
}

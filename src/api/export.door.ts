// /export/{ticket}: GET shows a field for the code, POST downloads the copy, once. Both work without a log-in.
import type { Request } from 'express'
import type { DataRequest } from '../entities/data-request'
import { Reader } from '../entities/reader'
import { download, readTicket } from '../privacy/download'
import { DOWNLOAD_HOURS } from '../secrets/download-ticket'
import { transaction } from '../transaction'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { formFields } from './form-body'
import { frameOf, sendPage } from './page-frame'
import { exportInvalidPage, exportOverPage, exportPage } from './pages/export-page'

const ticketIn = (request: Request): string => String(request.params.ticket)

export const exportForm: DoorHandler = async (services, request, response) => {
  const ticket = await readTicket(services.db.manager, services.keyring, ticketIn(request))
  const frame = await frameFor(services, request, ticket.kind === 'invalid' ? null : ticket.request)
  if (ticket.kind === 'invalid') return sendPage(response, exportInvalidPage(frame), 404)
  if (ticket.kind === 'over')
    return sendPage(response, exportOverPage({ ...frame, hours: DOWNLOAD_HOURS }), 410)
  sendPage(response, exportPage({ ...frame, ticket: ticketIn(request), isWrong: false }))
}

export const exportSubmit: DoorHandler = async (services, request, response) => {
  const { db, keyring } = services
  const code = (await formFields(request)).get('code') ?? ''
  const answer = await transaction(db, tx => download(tx, keyring, ticketIn(request), code))
  if (answer.kind === 'file') {
    response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' })
    return void response.attachment('my-data.zip').type('application/zip').send(answer.file)
  }
  const frame = await frameFor(services, request, answer.kind === 'invalid' ? null : answer.request)
  if (answer.kind === 'invalid') return sendPage(response, exportInvalidPage(frame), 404)
  if (answer.kind === 'wrong-code')
    return sendPage(response, exportPage({ ...frame, ticket: ticketIn(request), isWrong: true }), 422)
  sendPage(response, exportOverPage({ ...frame, hours: DOWNLOAD_HOURS }), 410)
}

/** In the person's own language. */
async function frameFor(services: Services, request: Request, of: DataRequest | null) {
  const reader = of?.readerId ? await services.db.manager.findOneBy(Reader, { id: of.readerId }) : null
  return frameOf(services, request, reader?.locale)
}

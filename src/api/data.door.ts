// /p/data: what a reader who is logged in in this browser may do with their data. GET changes nothing, each POST is one button.
import type { Request, Response } from 'express'
import { hasFreshProof } from '../consent/fresh-proof'
import { openReader } from '../consent/readers'
import { CODE_MINUTES } from '../consent/redeem-code'
import { maskAddress } from '../mail/address'
import { type ApiContext, createContext, type Services } from './context'
import { actOnData, type DataOutcome } from './data-acts'
import type { DoorHandler } from './door'
import { formFields } from './form-body'
import { isFromOwnPage } from './own-origin'
import { frameOf, sendPage } from './page-frame'
import { dataErasedPage, dataLoginPage, dataPage } from './pages/data-page'

export const dataForm: DoorHandler = async (services, request, response) => {
  const context = await createContext(services, request, false, response)
  await show(services, context, request, response, { kind: 'nothing' })
}

export const dataSubmit: DoorHandler = async (services, request, response) => {
  const context = await createContext(services, request, false, response)
  // A form of another site must not press a button here.
  if (!context.reader || !isFromOwnPage(request, services.config.publicUrl))
    return sendPage(response, dataLoginPage(await frameOf(services, request)), 403)
  const fields = await formFields(request)
  await show(services, context, request, response, await actOnData(context, fields))
}

async function show(
  services: Services,
  context: ApiContext,
  request: Request,
  response: Response,
  outcome: DataOutcome,
): Promise<void> {
  const { db, keyring, reader, readerSession } = context
  const frame = await frameOf(services, request, reader?.locale)
  if (!reader || !readerSession) return sendPage(response, dataLoginPage(frame))
  if (outcome.kind === 'erased') return sendPage(response, dataErasedPage({ ...frame, ...outcome }))
  const person = openReader(keyring, reader)
  const page = dataPage({
    ...frame,
    maskedEmail: person ? maskAddress(person.email) : '',
    minutes: CODE_MINUTES,
    isProved: await hasFreshProof(db.manager, readerSession),
    restrictedAt: outcome.kind === 'restricted' ? outcome.at : reader.restrictedAt,
    outcome,
  })
  sendPage(response, page, outcome.kind === 'refused' ? 422 : 200)
}

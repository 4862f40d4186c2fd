// /s/{token}: GET shows a form and changes nothing, POST chooses the password of the staff member the link was mailed to.
import type { Request } from 'express'
import { staffOfLink } from '../consent/staff-link'
import { choosePassword } from './choose-password'
import type { DoorHandler } from './door'
import { formFields } from './form-body'
import { frameOf, sendPage } from './page-frame'
import { passwordDonePage, passwordInvalidPage, passwordPage } from './pages/staff-password-page'

const tokenOf = (request: Request): string => String(request.params.token)

export const staffPasswordForm: DoorHandler = async (services, request, response) => {
  const frame = await frameOf(services, request)
  const token = tokenOf(request)
  if ((await staffOfLink(services.db.manager, services.keyring, token)) === undefined)
    return sendPage(response, passwordInvalidPage(frame), 404)
  sendPage(response, passwordPage({ ...frame, token }))
}

export const staffPasswordSubmit: DoorHandler = async (services, request, response) => {
  const fields = await formFields(request)
  const frame = await frameOf(services, request)
  const token = tokenOf(request)
  const chosen = await choosePassword(services, frame.locale, token, fields.get('password') ?? '')
  if (chosen.kind === 'chosen') return sendPage(response, passwordDonePage(frame))
  if (chosen.kind === 'invalid') return sendPage(response, passwordInvalidPage(frame), 404)
  sendPage(response, passwordPage({ ...frame, token, problem: chosen.problem }), 422)
}

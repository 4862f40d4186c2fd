// /subscribe without JavaScript: the age step first, then the form, then "check your inbox".
import { randomUUID } from 'node:crypto'
import type { Response } from 'express'
import { ageCheck } from '../consent/age-gate'
import { message } from '../messages'
import { makeAgePass } from '../secrets/age-pass'
import { rememberRefusal, wasRefusedForAge } from './age-cookie'
import { type Client, clientOf } from './client'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { formFields } from './form-body'
import { type Frame, frameOf, sendPage } from './page-frame'
import type { FieldError } from './pages/form-parts'
import { refusedPage } from './pages/subscribe-page'
import { submitDetails } from './subscribe-details'
import { ageStep, sendDetails } from './subscribe-steps'

export const subscribeForm: DoorHandler = async (services, request, response) => {
  const frame = await frameOf(services, request)
  if (wasRefusedForAge(request)) return sendPage(response, refusedPage(frame))
  sendPage(response, await ageStep(services, frame))
}

export const subscribeSubmit: DoorHandler = async (services, request, response) => {
  const fields = await formFields(request)
  const frame = await frameOf(services, request, fields.get('locale') ?? undefined)
  if (wasRefusedForAge(request)) return sendPage(response, refusedPage(frame))
  // In the age step nothing but month and year is looked at, whatever was sent along.
  if (fields.get('step') !== 'details')
    return submitAge({ ...services, client: clientOf(services, request) }, frame, fields, response)
  await submitDetails(services, request, frame, fields, response)
}

async function submitAge(
  services: Services & { client: Client },
  frame: Frame,
  fields: URLSearchParams,
  response: Response,
): Promise<void> {
  const month = (fields.get('birthMonth') ?? '').trim()
  const year = (fields.get('birthYear') ?? '').trim()
  const birthMonth = `${year}-${month.padStart(2, '0')}`
  const answer = ageCheck(birthMonth, services.config.minimumAge, new Date())
  if (answer === 'malformed') {
    const errors: FieldError[] = []
    if (!/^(0?[1-9]|1[0-2])$/.test(month))
      errors.push({ field: 'birthMonth', message: message(frame.locale, 'age.errorMonth') })
    if (errors.length === 0 || !/^\d{4}$/.test(year))
      errors.push({ field: 'birthYear', message: message(frame.locale, 'age.errorYear') })
    return sendPage(
      response,
      await ageStep(services, frame, { errors, values: { birthMonth: month, birthYear: year } }),
      422,
    )
  }
  if (answer === 'under-age') {
    rememberRefusal(services.config, response)
    return sendPage(response, refusedPage(frame))
  }
  const agePass = makeAgePass(services.keyring, new Date())
  await sendDetails(response, services, frame, { agePass, formId: randomUUID() })
}

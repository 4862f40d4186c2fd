// /e/{token}: the link mailed to a new address. GET shows one button and changes nothing, POST makes the address the reader's.
import { CHANGE_HOURS, type EmailChangeLink, readEmailChangeLink } from '../consent/change-address'
import { Reader } from '../entities/reader'
import { maskAddress } from '../mail/address'
import { changeAddress } from './change-address'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { type Frame, frameOf, sendPage } from './page-frame'
import {
  emailChangedPage,
  emailChangeInvalidPage,
  emailChangeOverPage,
  emailChangePage,
} from './pages/email-change-page'
import { settingsOf } from './topic-settings'

export const emailChangeForm: DoorHandler = async (services, request, response) => {
  const token = String(request.params.token)
  const link = await readEmailChangeLink(services.db.manager, services.keyring, token)
  const frame = await frameOf(services, request, await localeOf(services, link))
  if (link.kind === 'invalid') return sendPage(response, emailChangeInvalidPage(frame), 404)
  if (link.kind === 'over') return sendPage(response, over(frame), 410)
  const { topics } = await settingsOf(services.db.manager, link.change.readerId, frame)
  const maskedEmail = maskAddress(link.newEmail)
  const page = emailChangePage({ ...frame, token, maskedEmail, topics: topics.filter(topic => topic.isOn) })
  sendPage(response, page)
}

export const emailChangeSubmit: DoorHandler = async (services, request, response) => {
  const token = String(request.params.token)
  const link = await readEmailChangeLink(services.db.manager, services.keyring, token)
  const frame = await frameOf(services, request, await localeOf(services, link))
  const answer = await changeAddress(services, token)
  if (answer.kind === 'invalid') return sendPage(response, emailChangeInvalidPage(frame), 404)
  if (answer.kind !== 'changed') return sendPage(response, over(frame), 410)
  sendPage(response, emailChangedPage({ ...frame, alreadyPassed: answer.alreadyPassed.length }))
}

const over = (frame: Frame): string => emailChangeOverPage({ ...frame, hours: CHANGE_HOURS })

async function localeOf({ db }: Services, link: EmailChangeLink): Promise<string | undefined> {
  if (link.kind !== 'open') return undefined
  return (await db.manager.findOneBy(Reader, { id: link.change.readerId }))?.locale
}

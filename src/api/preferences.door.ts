// /p/{token}: what the link in a mail shows of the settings, and how it makes them less. GET changes nothing, no log-in.
import type { Request, Response } from 'express'
import { readPreferencesLink } from '../consent/mail-link'
import { openReader } from '../consent/readers'
import { Reader } from '../entities/reader'
import { maskAddress } from '../mail/address'
import { message } from '../messages'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { formFields } from './form-body'
import { type Frame, frameOf, sendPage } from './page-frame'
import type { FieldError } from './pages/form-parts'
import { messagePage } from './pages/message-page'
import { type Done, preferencesGonePage, preferencesPage } from './pages/preferences-page'
import { unsubscribeInvalidPage } from './pages/unsubscribe-page'
import { type Reduced, reduce } from './reduce'
import { settingsOf, stillOn } from './topic-settings'

/** What the links of test sends say instead of a token. */
const TEST = 'test'

export const preferencesForm: DoorHandler = async (services, request, response) => {
  const found = await lookUp(services, request, response)
  if (found) await show(services, found, response)
}

export const preferencesSubmit: DoorHandler = async (services, request, response) => {
  const found = await lookUp(services, request, response)
  if (!found) return
  const { reader, newsletterId, frame } = found
  const reduced = await reduce(services, { reader, newsletterId }, await formFields(request))
  await show(services, found, response, saying(reduced, frame))
}

interface Found {
  token: string
  reader: Reader
  newsletterId: number
  frame: Frame
}

/** Undefined: the page was sent that says why there is nothing to see. */
async function lookUp(services: Services, request: Request, response: Response): Promise<Found | undefined> {
  const { db, keyring } = services
  const token = String(request.params.token)
  const link = await readPreferencesLink(db.manager, keyring, token)
  const reader = link.kind === 'found' ? await db.manager.findOneBy(Reader, { id: link.reader.id }) : null
  const frame = await frameOf(services, request, reader?.locale)
  if (link.kind === 'found' && reader?.emailSealed)
    return { token, reader, newsletterId: link.newsletterId, frame }
  if (token === TEST) sendPage(response, testPage(frame))
  else if (link.kind === 'invalid') sendPage(response, unsubscribeInvalidPage(frame), 404)
  else sendPage(response, preferencesGonePage(frame), 410)
  return undefined
}

interface Said {
  done?: Done
  errors?: FieldError[]
}

async function show(
  { db, keyring }: Services,
  { token, reader, frame }: Found,
  response: Response,
  said: Said = {},
): Promise<void> {
  const person = openReader(keyring, reader)
  const { pausedUntil } = (await db.manager.findOneBy(Reader, { id: reader.id })) ?? reader
  const { topics } = await settingsOf(db.manager, reader.id, frame)
  const html = preferencesPage({
    ...frame,
    ...said,
    token,
    maskedEmail: person ? maskAddress(person.email) : '',
    topics,
    pausedUntil: stillOn(pausedUntil),
  })
  sendPage(response, html, said.errors ? 422 : 200)
}

function saying(reduced: Reduced, { locale }: Frame): Said {
  if ('passed' in reduced) {
    const text = reduced.stopped ? message(locale, 'centre.stop.done') : undefined
    return { done: { text, alreadyPassed: reduced.passed.length } }
  }
  return { errors: [{ field: reduced.field, message: message(locale, reduced.wrong) }] }
}

const testPage = (frame: Frame): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'centre.test.title'),
    text: message(frame.locale, 'footer.test'),
  })

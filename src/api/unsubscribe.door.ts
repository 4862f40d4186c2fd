// /u/{token}: GET shows one button and changes nothing; any POST withdraws, from mail clients (RFC 8058) and people alike.
import type { Request } from 'express'
import { type MailLink, preferencesToken, readUnsubscribeLink } from '../consent/mail-link'
import { openReader } from '../consent/readers'
import { withdrawAtOnce } from '../consent/withdraw'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { maskAddress } from '../mail/address'
import { message } from '../messages'
import type { Keyring } from '../secrets/keyring'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { bodyText } from './form-body'
import { type Frame, frameOf, sendPage } from './page-frame'
import { messagePage } from './pages/message-page'
import {
  unsubscribedPage,
  unsubscribeFailedPage,
  unsubscribeInvalidPage,
  unsubscribePage,
} from './pages/unsubscribe-page'
import { RETRY_AFTER_SECONDS } from './unavailable'

/** What the links of test sends say instead of a token. */
const TEST = 'test'

type Found = Extract<MailLink, { kind: 'found' }>

export const unsubscribeForm: DoorHandler = async (services, request, response) => {
  const token = String(request.params.token)
  const link = await readUnsubscribeLink(services.db.manager, services.keyring, token)
  const frame = await frameFor(services, request, link)
  if (token === TEST) return sendPage(response, testPage(frame))
  if (link.kind === 'invalid') return sendPage(response, unsubscribeInvalidPage(frame), 404)
  const { keyring } = services
  const about = {
    topic: titleIn(link, frame),
    maskedEmail: maskedEmail(keyring, link),
    preferencesToken: link.kind === 'found' ? preferencesToken(keyring, link) : null,
  }
  sendPage(response, unsubscribePage({ ...frame, token, ...about }))
}

export const unsubscribeSubmit: DoorHandler = async (services, request, response) => {
  const token = String(request.params.token)
  const body = (await bodyText(request)) ?? ''
  const scope = /(^|&)scope=all(&|$)/.test(body) ? 'all' : 'topic'
  const { db, keyring } = services
  try {
    const link = await readUnsubscribeLink(db.manager, keyring, token)
    const frame = await frameFor(services, request, link)
    if (token === TEST) return sendPage(response, testPage(frame))
    if (link.kind === 'invalid') return sendPage(response, unsubscribeInvalidPage(frame), 404)
    const passed = link.kind === 'found' ? await withdrawn(services, link, scope, body) : []
    const topic = titleIn(link, frame)
    sendPage(response, unsubscribedPage({ ...frame, token, topic, scope, alreadyPassed: passed.length }))
  } catch (error) {
    // Never a success that did not happen (U9).
    services.log.error({ err: error }, 'a withdrawal failed')
    const frame = { locale: localeWithoutDatabase(request), siteName: services.config.siteName }
    response.set('Retry-After', RETRY_AFTER_SECONDS)
    sendPage(response, unsubscribeFailedPage({ ...frame, token, scope }), 503)
  }
}

async function withdrawn(
  { db, packets }: Services,
  { reader, purposeId, newsletterId }: Found,
  scope: 'topic' | 'all',
  body: string,
): Promise<string[]> {
  // Mail clients send exactly this; the form of our page does not.
  const isOneClick = body.includes('List-Unsubscribe=One-Click') || /name="?List-Unsubscribe"?/.test(body)
  const { alreadyPassed } = await withdrawAtOnce(packets, db, {
    readerId: reader.id,
    scope: scope === 'all' ? 'all' : { purposeId },
    surface: isOneClick ? ConsentSurface.ONE_CLICK_HEADER : ConsentSurface.PREFERENCE_PAGE,
    method: isOneClick ? ConsentMethod.ONE_CLICK : ConsentMethod.SINGLE_TOGGLE,
    newsletterId,
  })
  return alreadyPassed
}

const frameFor = (services: Services, request: Request, link: MailLink): Promise<Frame> =>
  link.kind === 'found'
    ? frameOf(services, request, link.reader.locale, link.site)
    : frameOf(services, request)

const localeWithoutDatabase = (request: Request): string => request.acceptsLanguages('en', 'de') || 'en'

/** What the topic is called in the language of the page, or else in the site's first that names it. */
const titleIn = (link: MailLink, { locale, locales }: Frame): string | null =>
  (link.kind === 'found' && [locale, ...locales].map(one => link.titles.get(one)).find(Boolean)) || null

function maskedEmail(keyring: Keyring, link: MailLink): string {
  const person = link.kind === 'found' ? openReader(keyring, link.reader) : undefined
  return person ? maskAddress(person.email) : ''
}

const testPage = (frame: Frame): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'footer.unsubscribe'),
    text: message(frame.locale, 'footer.test'),
  })

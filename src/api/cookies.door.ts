// /cookies: which cookies there are, and what the visitor chose about those that are not needed. Works without JavaScript.
import type { Request, Response } from 'express'
import { shownPurposes } from '../consent/purposes'
import { message } from '../messages'
import { today } from '../privacy/visitor-choice'
import { hasOptedOut } from './browser-signal'
import { setChoiceCookie } from './choice-cookie'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { formFields } from './form-body'
import { isFromOwnPage } from './own-origin'
import { type Frame, frameOf, languagesOf, sendPage } from './page-frame'
import { cookieBanner } from './pages/cookie-banner'
import { cookiesPage } from './pages/cookies-page'
import { type Answer, decide, visitorOf } from './visitor'

const VARY = 'Accept-Language, Cookie, Sec-GPC'

export const cookiesForm: DoorHandler = async (services, request, response) =>
  show(services, request, response, await frameOf(services, request))

/** Saves the choice in the visitor's own browser and sends them back to where they were. A no is taken from anywhere. */
export const cookiesSubmit: DoorHandler = async (services, request, response) => {
  const fields = await formFields(request)
  const frame = await frameOf(services, request, fields.get('locale') ?? undefined)
  const answer = answerOf(fields)
  if (!answer) return show(services, request, response, frame, 'cookies.error.unclear', 422)
  const purposes = await shownPurposes(services.db.manager, frame.locale, frame.locales)
  const decisions = decide(purposes, answer)
  if (decisions === 'stale') return show(services, request, response, frame, 'cookies.error.stale', 409)
  const isYes = decisions.some(one => one.granted)
  if (isYes && !isFromOwnSite(request, services.config.publicUrl))
    return show(services, request, response, frame, 'cookies.error.elsewhere', 403)
  // The browser has said no already, and says it again with every request.
  if (decisions.length > 0 && !(isYes && hasOptedOut(request)))
    setChoiceCookie(services.config, response, { day: today(new Date()), decisions })
  response.vary(VARY).redirect(303, pathOf(fields.get('back')) ?? '/cookies')
}

/** The banner for other pages of the site, as a piece of HTML without script; 204 where there is nothing to ask. */
export const bannerFragment: DoorHandler = async (services, request, response) => {
  const frame = await frameOf(services, request)
  const { asked, askAgain } = await visitorOf(services, request, frame)
  response.vary(VARY)
  if (!askAgain) return void response.status(204).end()
  const back = pathOf(request.query.back)
  response.type('html').send(cookieBanner({ ...frame, asked, back, site: services.config.publicUrl.origin }))
}

async function show(
  services: Services,
  request: Request,
  response: Response,
  frame: Frame,
  error?: 'cookies.error.unclear' | 'cookies.error.stale' | 'cookies.error.elsewhere',
  status = 200,
): Promise<void> {
  const visitor = await visitorOf(services, request, frame)
  const html = cookiesPage({
    ...frame,
    ...visitor,
    isSecure: services.config.publicUrl.protocol === 'https:',
    errors: error ? [{ field: '', message: message(frame.locale, error) }] : [],
    languages: languagesOf(frame, '/cookies'),
  })
  sendPage(response.vary(VARY), html, status)
}

/** What the form says; undefined when it says nothing clear. */
function answerOf(fields: URLSearchParams): Answer | undefined {
  const act = fields.get('act')
  const shown = new Map<string, number>()
  for (const [name, value] of fields)
    if (name.startsWith('shown:')) shown.set(name.slice('shown:'.length), Number(value))
  if (act === 'refuse') return { shown, isYes: () => false }
  if (act === 'accept') return { shown, isYes: () => true }
  return act === 'save' ? { shown, isYes: key => fields.has(`purpose:${key}`) } : undefined
}

/** One of our own pages, or one of the same site that shows the banner: not somebody who would say yes for others. */
function isFromOwnSite(request: Request, publicUrl: URL): boolean {
  return isFromOwnPage(request, publicUrl) || request.headers['sec-fetch-site'] === 'same-site'
}

/** A path of this site and nothing else (no open redirect): RFC 3986 characters, no second slash at the beginning. */
const PATH = /^\/(?:[\w.~!$&'()*+,;=:@%?#-][\w.~!$&'()*+,;=:@%?#/-]{0,500})?$/

const pathOf = (value: unknown): string | undefined =>
  typeof value === 'string' && PATH.test(value) ? value : undefined

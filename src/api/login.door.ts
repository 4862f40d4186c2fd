// /l/{token}: GET shows one button and changes nothing, POST logs this browser in.
import type { Request } from 'express'
import type { EntityManager } from 'typeorm'
import { logInWithLink } from '../consent/log-in'
import { COOKIE_DAYS, openSession } from '../consent/reader-sessions'
import { openReader } from '../consent/readers'
import { CODE_MINUTES, readLoginLink } from '../consent/redeem-code'
import { Reader } from '../entities/reader'
import { SessionTransport } from '../entities/session-transport'
import { maskAddress } from '../mail/address'
import { transaction } from '../transaction'
import { wanted } from './answer-session'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { isFromOwnPage } from './own-origin'
import { frameOf, sendPage } from './page-frame'
import { loggedInPage, loginInvalidPage, loginOverPage, loginPage } from './pages/login-page'
import { setReaderCookie } from './reader-cookie'

const tokenOf = (request: Request): string => String(request.params.token)

export const loginForm: DoorHandler = async (services, request, response) => {
  const { db, keyring } = services
  const link = await readLoginLink(db.manager, keyring, tokenOf(request))
  const { addressHash } = link.kind === 'open' ? link.code : {}
  const reader = addressHash && (await db.manager.findOneBy(Reader, { addressHash }))
  const frame = await frameOf(services, request, reader?.locale)
  if (link.kind === 'invalid') return sendPage(response, loginInvalidPage(frame), 404)
  const person = reader && openReader(keyring, reader)
  if (!person) return sendPage(response, loginOverPage({ ...frame, minutes: CODE_MINUTES }), 410)
  const maskedEmail = maskAddress(person.email)
  sendPage(response, loginPage({ ...frame, token: tokenOf(request), maskedEmail }))
}

export const loginSubmit: DoorHandler = async (services, request, response) => {
  const { db, config } = services
  // A form of another site would log the visitor in as somebody else.
  const isOwn = isFromOwnPage(request, config.publicUrl)
  const answer = isOwn
    ? await transaction(db, tx => logIn(tx, services, request))
    : { kind: 'invalid' as const }
  const frame = await frameOf(services, request, answer.kind === 'reader' ? answer.reader.locale : undefined)
  if (answer.kind === 'invalid') return sendPage(response, loginInvalidPage(frame), 404)
  if (answer.kind !== 'reader')
    return sendPage(response, loginOverPage({ ...frame, minutes: CODE_MINUTES }), 410)
  setReaderCookie(config, response, answer.token)
  sendPage(response, loggedInPage({ ...frame, days: COOKIE_DAYS }))
}

async function logIn(tx: EntityManager, services: Services, request: Request) {
  const loggedIn = await logInWithLink(tx, services.keyring, tokenOf(request))
  if (loggedIn.kind !== 'reader') return loggedIn
  const session = wanted({ config: services.config, request }, SessionTransport.COOKIE)
  return { ...loggedIn, ...(await openSession(tx, loggedIn.reader, session)) }
}

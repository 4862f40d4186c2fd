// Hands a session over: as a cookie, or as tokens in the answer, never both.

import { AuthorizationError } from 'type-graphql'
import type { OpenedSession, WantedSession } from '../consent/reader-sessions'
import type { ReaderSession } from '../entities/reader-session'
import { SessionTransport } from '../entities/session-transport'
import type { ApiContext } from './context'
import { isFromOwnPage } from './own-origin'
import { readerCookie, setReaderCookie } from './reader-cookie'
import type { Session, SessionTokens } from './session.types'

/** Throws FORBIDDEN when another site asks for a cookie: it would log the visitor in as somebody else. */
export function mustBeAllowedCookie(
  { config, request }: ApiContext,
  transport: SessionTransport | null | undefined,
): void {
  if (transport === SessionTransport.COOKIE && !isFromOwnPage(request, config.publicUrl))
    throw new AuthorizationError()
}

/** What to open: in a browser that was logged in before, instead of that session. */
export const wanted = (
  { config, request }: Pick<ApiContext, 'config' | 'request'>,
  transport: SessionTransport,
  device: string | null = null,
): WantedSession => ({
  transport,
  device,
  replaces: transport === SessionTransport.COOKIE ? readerCookie(config, request) : undefined,
})

/** After the commit: sets the cookie or shows the tokens, once. */
export function handOver(
  { config, response }: ApiContext,
  { session, token, refreshToken }: OpenedSession,
): { session: Session; tokens: SessionTokens | null } {
  if (session.transport === SessionTransport.COOKIE) setReaderCookie(config, response, token)
  const tokens = session.tokenExpiresAt && {
    accessToken: token,
    refreshToken: refreshToken ?? null,
    accessExpiresAt: session.tokenExpiresAt,
    refreshExpiresAt: session.expiresAt,
  }
  return { session: sessionView(session, session), tokens }
}

export const sessionView = (session: ReaderSession, current: ReaderSession | undefined): Session => ({
  id: session.publicId,
  transport: session.transport,
  device: session.device,
  createdAt: session.createdAt,
  lastUsedAt: session.lastUsedAt,
  expiresAt: session.expiresAt,
  current: session.id === current?.id,
})

// Operations that were written with a client and shipped with the site: the only ones a console's log-in may run.
import { createHash } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { Config } from '../config'
import { SessionTransport } from '../entities/session-transport'
import type { StaffSession } from '../entities/staff-session'
import { RequestError } from './errors'

type Trust = Pick<Config, 'local' | 'production' | 'trustedDocuments'>

export type Login = Pick<StaffSession, 'transport'>

/**
 * Throws OPERATION_NOT_SAFELISTED when this log-in may run trusted documents only and this text is none. That holds for
 * staff with a cookie, in production: what a page was tricked into sending, or a thief of the cookie made up, does not
 * run. Everybody else may send what they like, within the budget of cost.ts.
 */
export function mustBeTrusted(trust: Trust, staff: Login | undefined, text: string): void {
  if (!trust.production || trust.local || staff?.transport !== SessionTransport.COOKIE) return
  if (!isTrusted(trust.trustedDocuments, text))
    throw new RequestError('OPERATION_NOT_SAFELISTED', 'This operation does not belong to this site.', 403)
}

const hashes = new WeakMap<Trust['trustedDocuments'], Set<string>>()

function isTrusted(documents: Trust['trustedDocuments'], text: string): boolean {
  const known = hashes.get(documents) ?? new Set([...documents.values()].map(hashOf))
  hashes.set(documents, known)
  return known.has(hashOf(text))
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

interface NamedRequest {
  query?: unknown
  documentId?: unknown
  extensions?: { persistedQuery?: { sha256Hash?: unknown } } | null
}

/** Puts the text of a trusted document in where a request only names it; unknown names are left to be refused. */
export function namedDocument({ trustedDocuments }: Trust): RequestHandler {
  return (request, _response, next) => {
    const body = (request.body ?? {}) as NamedRequest
    const name = body.documentId ?? body.extensions?.persistedQuery?.sha256Hash
    const text = typeof name === 'string' ? trustedDocuments.get(name) : undefined
    if (text !== undefined && body.query === undefined)
      request.body = { ...body, query: text, extensions: null }
    next()
  }
}

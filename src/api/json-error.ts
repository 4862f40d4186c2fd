import type { Response } from 'express'
import type { Refuse } from './admission'
import { UNAVAILABLE } from './errors'
import { requestId } from './request-id'
import { RETRY_AFTER_SECONDS } from './unavailable'

/** Answers a GraphQL endpoint's client before GraphQL is reached, in GraphQL's form. */
export function sendJsonError(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ errors: [{ message, extensions: { code, requestId: requestId() } }] })
}

/** Not now: too much is under way, or it took too long. */
export const sendBusy: Refuse = (_request, response) => {
  const { code, message } = UNAVAILABLE
  sendJsonError(response.set('Retry-After', RETRY_AFTER_SECONDS), 503, code, message)
}

import type { Response } from 'express'
import { requestId } from './request-id'

/** Answers a GraphQL endpoint's client before GraphQL is reached, in GraphQL's form. */
export function sendJsonError(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ errors: [{ message, extensions: { code, requestId: requestId() } }] })
}

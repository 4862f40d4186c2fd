// Every request has an id: it stands in the header, in each error, and in what the log says about it.
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'

const current = new AsyncLocalStorage<string>()

/** The id of the request that is being answered; undefined outside of one. Never the client's own word. */
export const requestId = (): string | undefined => current.getStore()

/** Gives the request its id and tells it in `X-Request-Id`. */
export const withRequestId: RequestHandler = (_request, response, next) => {
  const id = randomUUID()
  response.set('X-Request-Id', id)
  current.run(id, next)
}

// How much is worked on at once, and for how long. Withdrawals pass by all of it (I5, I15).
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import type { Log } from '../log'

/** Answers a request that is not worked on (any more). */
export type Refuse = (request: Parameters<RequestHandler>[0], response: Response) => void

/** Lets so many requests be worked on at once; who comes on top is refused at once. */
export function admission(most: number, refuse: Refuse): RequestHandler {
  let underWay = 0
  return (request, response, next) => {
    if (underWay >= most) return refuse(request, response)
    underWay++
    response.once('close', () => underWay--)
    next()
  }
}

/** Whoever has no answer after so many milliseconds is refused; what was asked for may still be done. */
export function deadline(ms: number, refuse: Refuse): RequestHandler {
  return (request, response, next) => {
    const timer = setTimeout(() => {
      if (!response.headersSent) refuse(request, response.set('Connection', 'close'))
    }, ms)
    response.once('close', () => clearTimeout(timer))
    next()
  }
}

/** Whoever has not sent all of a request after so many milliseconds gets 408, as Node answers to headers that are late. */
export function bodyDeadline(ms: number): RequestHandler {
  return (request, response, next) => {
    const timer = setTimeout(() => {
      const late = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
      if (!request.complete) request.socket.emit('error', late)
    }, ms)
    response.once('close', () => clearTimeout(timer))
    next()
  }
}

/** What fails after its deadline has been answered already. */
export const dropWhenLate: ErrorRequestHandler = (error, _request, response, next) => {
  if (!response.writableEnded) next(error)
}

export interface ConnectionLimits {
  total: number
  perAddress: number
}

/** Closes connections above the limits unread. Trusted proxies speak for many and have none of their own. */
export function limitConnections(
  http: Server,
  { total, perAddress }: ConnectionLimits,
  isTrusted: (address: string) => boolean,
  log: Log,
): void {
  const open = new Map<string, number>()
  http.maxConnections = total
  http.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    if (isTrusted(address)) return
    const held = (open.get(address) ?? 0) + 1
    if (held > perAddress) {
      log.warn('one address opens too many connections; if it is your proxy, name it in TRUSTED_PROXIES')
      return void socket.destroy()
    }
    open.set(address, held)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
  })
}

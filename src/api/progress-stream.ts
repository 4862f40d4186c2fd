// Live progress over server-sent events. graphql-sse alone would answer a cookie-carrying GET; only POST + JSON gets here.
import express, { type RequestHandler } from 'express'
import type { GraphQLSchema } from 'graphql'
import { createHandler } from 'graphql-sse/lib/use/express'
import { createContext, type Services } from './context'

/** POST …/stream in distinct-connections mode. */
export function progressStream(services: Services, schema: GraphQLSchema): RequestHandler[] {
  const handler = createHandler({
    schema,
    context: request => createContext(services, request.raw, true) as never,
  })
  return [
    express.json({ limit: '64kb' }),
    (request, response, next) => {
      if (!request.is('application/json'))
        return void response.status(415).json({ errors: [{ message: 'JSON only' }] })
      handler(request, response).catch(next)
    },
  ]
}

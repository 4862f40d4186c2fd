// Live progress over server-sent events. graphql-sse alone would answer a cookie-carrying GET; only POST + JSON gets here.
import express, { type RequestHandler } from 'express'
import { type ExecutionResult, GraphQLError, type GraphQLSchema, getOperationAST, parse } from 'graphql'
import type { RequestParams, Response } from 'graphql-sse'
import { createHandler } from 'graphql-sse/lib/use/express'
import { createContext, type Services } from './context'
import { formatError } from './errors'

/** POST …/stream, one operation a connection, subscriptions only: everything else has its own door with its own limits. */
export function progressStream(services: Services, schema: GraphQLSchema): RequestHandler[] {
  const masked = formatError(services.log)
  const handler = createHandler({
    schema,
    context: request => createContext(services, request.raw, true) as never,
    // No token: every request is a stream of its own.
    authenticate: () => null,
    onSubscribe: (_request, params) => (isSubscription(params) ? undefined : notHere),
    onNext: (_context, _request, result) => withMaskedErrors(result as ExecutionResult, masked),
  })
  return [
    express.json({ limit: '64kb' }),
    (request, response, next) => {
      if (!request.is('application/json'))
        return void response
          .status(415)
          .json({ errors: [{ message: 'JSON only', extensions: { code: 'BAD_REQUEST' } }] })
      handler(request, response).catch(next)
    },
  ]
}

const notHere: Response = [
  JSON.stringify({
    errors: [{ message: 'Only a valid subscription.', extensions: { code: 'BAD_USER_INPUT' } }],
  }),
  { status: 400, statusText: 'Bad Request', headers: { 'content-type': 'application/json; charset=utf-8' } },
]

function isSubscription({ query, operationName }: RequestParams): boolean {
  try {
    return getOperationAST(parse(query, { maxTokens: 300 }), operationName)?.operation === 'subscription'
  } catch {
    return false
  }
}

function withMaskedErrors(result: ExecutionResult, mask: ReturnType<typeof formatError>): ExecutionResult {
  if (!result.errors) return result
  const errors = result.errors.map(error => {
    const { message, extensions } = mask(error.toJSON(), error)
    return new GraphQLError(message, { path: error.path, extensions })
  })
  return { ...result, errors }
}

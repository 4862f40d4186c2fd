// Subscriptions over server-sent events. graphql-sse alone would answer a cookie-carrying GET; only POST + JSON gets here.
import type { RequestHandler } from 'express'
import {
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import type { RequestParams, Response } from 'graphql-sse'
import { createHandler } from 'graphql-sse/lib/use/express'
import { createContext, type Services, staffOf } from './context'
import { cookieGuard } from './cookie-guard'
import { budgets, mustBeAffordable } from './cost'
import { formatError, RequestError } from './errors'
import { firstErrors } from './graphql-guards'
import { jsonBody } from './json-body'
import { sendJsonError } from './json-error'
import { type Limits, limitRules, MAX_ERRORS, mustHaveShortLists } from './limits'
import { type Login, mustBeTrusted, namedDocument } from './trusted-documents'

/** POST …/stream, one operation a connection, subscriptions only: everything else has its own door with its own limits. */
export function eventStream(
  services: Services,
  schema: GraphQLSchema,
  { isStaff, limits }: { isStaff: boolean; limits: Limits },
): RequestHandler[] {
  const mask = maskErrors(formatError(services.log))
  const handler = createHandler({
    schema,
    context: request => createContext(services, request.raw, isStaff) as never,
    // No token: every request is a stream of its own.
    authenticate: () => null,
    onSubscribe: async ({ raw }, params) => {
      const login = isStaff ? await staffOf(services, raw) : undefined
      const session = login && 'session' in login ? login.session : undefined
      const errors = mask(problems(services, schema, limits, params, session))
      return errors.length > 0 ? refusal(errors) : undefined
    },
    onNext: (_context, _request, result) => {
      const { errors } = result as ExecutionResult
      return errors ? { ...(result as ExecutionResult), errors: mask(errors) } : undefined
    },
  })
  return [
    cookieGuard(services.config),
    jsonBody(services, false),
    namedDocument(services.config),
    (request, response, next) => {
      if (!request.is('application/json')) return sendJsonError(response, 415, 'BAD_REQUEST', 'JSON only')
      handler(request, response).catch(next)
    },
  ]
}

/** What stands against running it. It is paid for with every event, so it may cost no more than a visitor's operation. */
function problems(
  { config }: Services,
  schema: GraphQLSchema,
  limits: Limits,
  { query, variables, operationName }: RequestParams,
  login: Login | undefined,
): readonly GraphQLError[] {
  try {
    mustBeTrusted(config, login, query)
    const document = parse(query, { maxTokens: limits.tokens })
    if (getOperationAST(document, operationName)?.operation !== 'subscription')
      return [new RequestError('BAD_USER_INPUT', 'Only a valid subscription.')]
    const rules = [...specifiedRules, ...limitRules(limits)]
    const errors = validate(schema, document, rules, { maxErrors: MAX_ERRORS })
    if (errors.length > 0) return errors
    mustHaveShortLists(variables)
    mustBeAffordable(
      schema,
      { query: document, variables: variables ?? {}, operationName: operationName ?? undefined },
      budgets.ANONYMOUS,
    )
    return []
  } catch (error) {
    if (error instanceof GraphQLError) return [error]
    throw error
  }
}

const refusal = (errors: readonly GraphQLError[]): Response => [
  JSON.stringify({ errors }),
  { status: 400, statusText: 'Bad Request', headers: { 'content-type': 'application/json; charset=utf-8' } },
]

const maskErrors =
  (format: ReturnType<typeof formatError>) =>
  (errors: readonly GraphQLError[]): GraphQLError[] =>
    (firstErrors(errors) ?? []).map(error => {
      const { message, extensions } = format(error.toJSON(), error)
      return new GraphQLError(message, { path: error.path, extensions })
    })

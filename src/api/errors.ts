// Two kinds of errors. Expected ones are userErrors in the payload; everything else leaves here with a stable code and no echo.
import { unwrapResolverError } from '@apollo/server/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { AuthenticationError, AuthorizationError } from 'type-graphql'
import { EntityNotFoundError } from 'typeorm'
import { type Log } from '../log'
import { requestId } from './request-id'
import { isPassing, RETRY_AFTER_SECONDS } from './unavailable'

const NOT_FOUND = 'This does not exist, or you may not see it.'

/** A mistake of the caller that is not worth a userErrors entry: nothing to mend in a form. */
export class RequestError extends GraphQLError {
  /** `status` is for the whole request; a field that fails leaves it at 200. */
  constructor(
    code: 'NOT_FOUND' | 'BAD_USER_INPUT' | 'FORBIDDEN' | 'OPERATION_NOT_SAFELISTED',
    message = NOT_FOUND,
    status?: number,
  ) {
    super(message, { extensions: { code, ...(status && { http: { status } }) } })
  }
}

export const UNAVAILABLE = {
  code: 'UNAVAILABLE',
  message: 'This does not work at the moment. Please try again later.',
}

/** Answers the whole request with 503 and Retry-After: what it needs is away for a while. */
export class UnavailableError extends GraphQLError {
  constructor(override readonly cause: unknown) {
    const http = { status: 503, headers: new Map([['retry-after', RETRY_AFTER_SECONDS]]) }
    super(UNAVAILABLE.message, { extensions: { code: UNAVAILABLE.code, http } })
  }
}

/** An operation is larger or costs more than it may: QUERY_TOO_COMPLEX, 400, in words that name only the limit. */
export class LimitError extends GraphQLError {
  constructor(message: string) {
    super(message, { extensions: { code: TOO_COMPLEX, http: { status: 400 } } })
  }
}
const TOO_COMPLEX = 'QUERY_TOO_COMPLEX'
/** Answers the whole request with 429 and Retry-After: it came too often. */
export class RateLimitError extends GraphQLError {
  constructor(readonly retryAfterSeconds: number) {
    const http = { status: 429, headers: new Map([['retry-after', String(retryAfterSeconds)]]) }
    super('Too many requests. Please try again later.', { extensions: { code: 'RATE_LIMITED', http } })
  }
}

/** Validation messages that quote only the schema, never a value of the request. */
const SAFE_VALIDATION =
  /^(Cannot query field|Unknown argument|Unknown type|Field ".+" (must|of type)|Variable "\$\w+" (of type|of required type|is not defined|is never used)|There can be only one|Syntax Error: (Expected|Unexpected))/

/** The error a client may see. Inputs are never echoed: coercion messages of graphql-js print whole input objects. */
export function formatError(log: Log) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const original = unwrapResolverError(error)
    const { code, message } =
      limitPassed(formatted, original) ??
      thrownByUs(original) ??
      refusedByGraphql(formatted, original) ??
      foundByGraphql(formatted)
    const id = requestId()
    if (code === INTERNAL)
      log.error({ err: original, path: formatted.path, requestId: id }, 'unexpected error')
    if (code === UNAVAILABLE.code)
      log.warn({ err: causeOf(original), requestId: id }, 'a request has to come again')
    return {
      message: message.slice(0, MAX_MESSAGE),
      path: formatted.path,
      locations: formatted.locations?.slice(0, 1),
      extensions: {
        code,
        requestId: id,
        ...(original instanceof RateLimitError && again(original)),
      },
    }
  }
}

const causeOf = (error: unknown): unknown => (error instanceof UnavailableError ? error.cause : error)
const again = ({ retryAfterSeconds }: RateLimitError) => ({ retryAfterSeconds })

const INTERNAL = 'INTERNAL_SERVER_ERROR'
/** What is quoted in a message is the client's, and may be long. */
const MAX_MESSAGE = 200
const INVALID = 'The operation is not valid.'

interface SafeError {
  code: string
  message: string
}

/** Found by our rules, which Apollo wraps, by its own rule for fragments, or by the parser, which counts tokens. */
function limitPassed({ message }: GraphQLFormattedError, error: unknown): SafeError | undefined {
  const limit = [error, (error as GraphQLError | undefined)?.originalError].find(
    one => one instanceof LimitError,
  )
  if (limit) return { code: TOO_COMPLEX, message: limit.message }
  const tokens = /^Syntax Error: Document contains more tha[nt] (\d+) tokens/.exec(message)?.[1]
  if (tokens) return { code: TOO_COMPLEX, message: `At most ${tokens} tokens an operation.` }
  if (!message.endsWith('recursively requests too many selections.')) return undefined
  return { code: TOO_COMPLEX, message: 'The fragments unfold to too many fields.' }
}

function thrownByUs(error: unknown): SafeError | undefined {
  if (error instanceof RateLimitError) return { code: 'RATE_LIMITED', message: error.message }
  if (error instanceof RequestError) return { code: String(error.extensions.code), message: error.message }
  if (error instanceof AuthenticationError) return { code: 'UNAUTHENTICATED', message: 'Please log in.' }
  if (error instanceof AuthorizationError) return { code: 'FORBIDDEN', message: 'You may not do this.' }
  if (error instanceof UnavailableError || isPassing(error)) return UNAVAILABLE
  if (error instanceof EntityNotFoundError) return { code: 'NOT_FOUND', message: NOT_FOUND }
  return undefined
}

/** What graphql-js refuses outside Apollo's own steps (arguments, the stream) carries no code: still the caller's mistake. */
function refusedByGraphql(
  { extensions, message, path }: GraphQLFormattedError,
  error: unknown,
): SafeError | undefined {
  const hasCode = (extensions?.code ?? INTERNAL) !== INTERNAL
  if (hasCode || !(error instanceof GraphQLError) || error.originalError) return undefined
  if (/^(Variable|Argument) "/.test(message))
    return { code: 'BAD_USER_INPUT', message: coercionMessage(message) }
  if (path) return undefined
  return { code: 'GRAPHQL_VALIDATION_FAILED', message: SAFE_VALIDATION.test(message) ? message : INVALID }
}

function foundByGraphql({ extensions, message }: GraphQLFormattedError): SafeError {
  const code = String(extensions?.code ?? INTERNAL)
  const isInvalid = code === 'GRAPHQL_VALIDATION_FAILED' || code === 'GRAPHQL_PARSE_FAILED'
  if (isInvalid)
    return {
      code,
      message: SAFE_VALIDATION.test(message) ? withoutValues(message) : INVALID,
    }
  if (code === 'BAD_USER_INPUT') return { code, message: coercionMessage(message) }
  return {
    code,
    message: code === INTERNAL ? 'Something went wrong on our side.' : 'The request was not understood.',
  }
}

/** `Syntax Error: Expected Name, found String "…".` keeps the kind of token; its text can be anything that was typed. */
const withoutValues = (message: string): string =>
  message.startsWith('Syntax Error:')
    ? message.replace(/\b(Name|String|BlockString|Int|Float|Comment) ".*"/s, '$1')
    : message

/** `Variable "$input" got invalid value {…} at "input.email"; …` keeps the place and loses the value. */
export function coercionMessage(message: string): string {
  const variable = /^Variable "\$(\w+)"/.exec(message)?.[1]
  if (/ of required type /.test(message)) return `Variable "$${variable}" is required.`
  const place = / at "([\w.[\]]{1,100})"/.exec(message)?.[1] ?? variable
  const missing = /Field "(\w+)" of required type/.exec(message)?.[1]
  if (missing) return `"${place}.${missing}" is required.`
  return place ? `"${place}" is not valid.` : 'An argument is not valid.'
}

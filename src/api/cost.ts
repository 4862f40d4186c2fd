// What an operation costs: one for each value it asks for, as often as its lists may hold it, and more for what is dear.
import {
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isIntrospectionType,
  isListType,
} from 'graphql'
import { type ComplexityEstimator, getComplexity } from 'graphql-query-complexity'
import type { ApiScope } from '../entities/api-key'
import { coercionMessage, LimitError, RequestError } from './errors'
import { Role } from './viewer.resolver'

/** The most an operation of this role may cost. */
export const budgets: Record<Role, number> = {
  ANONYMOUS: 1_000,
  READER: 2_000,
  PROCESSOR: 2_000,
  AUTHOR: 10_000,
  PUBLISHER: 10_000,
  ADMIN: 10_000,
}

/** The most an operation of an API key may cost, by its widest scope: what its fields need, and little more. */
const keyBudgets: Record<ApiScope, number> = {
  'newsletters:read': 5_000,
  'readers:register': 500,
  'readers:unsubscribe': 500,
  'processor:records': 1_000,
}

export const keyBudget = (scopes: readonly ApiScope[]): number =>
  Math.max(0, ...scopes.map(scope => keyBudgets[scope]))

/** Lists without `first` are short: purposes, locales, contents. */
const SHORT_LIST = 10

const price: ComplexityEstimator = ({ field, args, type, childComplexity }) => {
  // Where the schema may be asked for, it costs nothing.
  if (isIntrospectionType(getNamedType(field.type))) return 0
  const own = Number(field.extensions.complexity ?? 1)
  return own + times(field.type, args.first, type.name) * childComplexity
}

function times(type: Parameters<typeof getNullableType>[0], first: unknown, parent: string): number {
  if (typeof first === 'number') return Math.max(first, 1)
  // Their number is in the `first` of the connection.
  if (!isListType(getNullableType(type)) || parent.endsWith('Connection')) return 1
  return SHORT_LIST
}

interface Operation {
  query: Parameters<typeof getComplexity>[0]['query']
  variables: Record<string, unknown>
  operationName: string | undefined
}

/** Throws QUERY_TOO_COMPLEX when the operation costs more than the budget, BAD_USER_INPUT for wrong variables. */
export function mustBeAffordable(schema: GraphQLSchema, operation: Operation, budget: number): void {
  const cost = costOf(schema, operation)
  if (cost > budget)
    throw new LimitError(
      `This operation costs ${cost}, you may spend ${budget}: ask for less, or for fewer with \`first\`.`,
    )
}

/** What an operation costs. Throws BAD_USER_INPUT for variables that do not fit. */
export function costOf(schema: GraphQLSchema, operation: Operation): number {
  try {
    return getComplexity({ schema, ...operation, estimators: [price] })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    throw new RequestError('BAD_USER_INPUT', coercionMessage(error.message), 400)
  }
}

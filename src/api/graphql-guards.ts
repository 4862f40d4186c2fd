// What every operation has to pass before it runs, and every answer before it leaves.
import type { ApolloServerPlugin } from '@apollo/server'
import { unwrapResolverError } from '@apollo/server/errors'
import { type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql'
import { type AccessRule, isAllowed } from './access'
import type { ApiContext } from './context'
import { budgets, keyBudget, mustBeAffordable } from './cost'
import { RequestError } from './errors'
import { MAX_ERRORS, mustHaveShortLists } from './limits'
import { mustBeTrusted } from './trusted-documents'
import { isPassing, RETRY_AFTER_SECONDS } from './unavailable'
import { Role, roleOf } from './viewer.resolver'

/** Refuses what is no single act, has long lists or costs more than the caller may spend; names few errors. */
export const guards: ApolloServerPlugin<ApiContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ schema, source, document, request, operation, contextValue }) => {
      if (!operation) return
      mustBeTrusted(contextValue.config, contextValue.session, source)
      mustBeOneAct(operation)
      const variables = request.variables ?? {}
      mustHaveShortLists(variables)
      const asked = { query: document, variables, operationName: request.operationName }
      const { apiKey } = contextValue
      const role = roleOf(contextValue)
      if (role === Role.ANONYMOUS && !apiKey && isForStaff(schema, operation)) return
      mustBeAffordable(schema, asked, apiKey ? keyBudget(apiKey.scopes) : budgets[role])
    },
    willSendResponse: async ({ errors, response: { http, body } }) => {
      // With the database away no field is worth much: the whole request is asked to come again.
      if (errors?.some(error => isPassing(unwrapResolverError(error)))) {
        http.status = 503
        http.headers.set('retry-after', RETRY_AFTER_SECONDS)
      }
      if (body.kind === 'single') body.singleResult.errors = firstErrors(body.singleResult.errors)
    },
  }),
}

/** Where there are more, the first say enough. */
export const firstErrors = <One>(errors: readonly One[] | undefined): readonly One[] | undefined =>
  errors?.slice(0, MAX_ERRORS)

/** Each of its fields is refused at once to who is not logged in: that is what they should hear, not what it would cost. */
const isForStaff = (schema: GraphQLSchema, { operation, selectionSet }: OperationDefinitionNode): boolean =>
  selectionSet.selections.every(one => {
    const field = one.kind === Kind.FIELD && schema.getRootType(operation)?.getFields()[one.name.value]
    return field && !isAllowed(undefined, field.extensions.access as AccessRule)
  })

/**
 * Apollo would run a subscription like a query and fail in our name; they have a door of their own. A mutation may act
 * once: repeated under a thousand aliases it would cost us a thousand password checks or mails.
 */
function mustBeOneAct({ operation, selectionSet: { selections } }: OperationDefinitionNode): void {
  if (operation === 'subscription')
    throw new RequestError('BAD_USER_INPUT', 'Subscriptions are not served here.', 400)
  const isOne = selections.length === 1 && selections[0]?.kind === Kind.FIELD
  if (operation === 'mutation' && !isOne)
    throw new RequestError('BAD_USER_INPUT', 'One mutation field a request.', 400)
}

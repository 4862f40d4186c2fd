// Counts every public mutation by its field: one act a request, so this is per act and not per request.
import type { ApolloServerPlugin } from '@apollo/server'
import { Kind } from 'graphql'
import type { ApiContext } from './context'

/** Taking back and reporting are never counted: they only ever reduce (I4). */
const UNCOUNTED = new Set(['unsubscribe', 'registrationDeny'])

/** Throws RateLimitError before a mutation runs. Who is logged in as staff is not counted. */
export const callRate: ApolloServerPlugin<ApiContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, contextValue: { limits, client, staff } }) => {
      if (operation?.operation !== 'mutation' || staff) return
      for (const field of operation.selectionSet.selections)
        if (field.kind === Kind.FIELD && !UNCOUNTED.has(field.name.value))
          await limits.call(field.name.value, client)
    },
  }),
}

// One GraphQL endpoint: POST and JSON only, bounded, masked.
import type { Server } from 'node:http'
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { unwrapResolverError } from '@apollo/server/errors'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled'
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer'
import { expressMiddleware } from '@as-integrations/express5'
import express, { type RequestHandler } from 'express'
import { type GraphQLSchema, Kind } from 'graphql'
import { type ApiContext, createContext, type Services } from './context'
import { cookieGuard } from './cookie-guard'
import { formatError, RequestError, UnavailableError } from './errors'
import { isPassing, RETRY_AFTER_SECONDS } from './unavailable'

export interface GraphqlDoor {
  handlers: RequestHandler[]
  stop(): Promise<void>
}

/** Starts the Apollo server of one schema; bodies above `limit` get 413 before anything is parsed. */
export async function graphqlDoor(
  services: Services,
  http: Server,
  schema: GraphQLSchema,
  { isStaff, limit }: { isStaff: boolean; limit: string },
): Promise<GraphqlDoor> {
  const { config, log } = services
  const apollo = new ApolloServer<ApiContext>({
    schema,
    introspection: !config.production,
    hideSchemaDetailsFromClientErrors: config.production,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    formatError: formatError(log),
    logger: { debug: () => {}, info: () => {}, warn: text => log.warn(text), error: text => log.error(text) },
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginDrainHttpServer({ httpServer: http }),
      oneAct,
      comeAgain,
    ],
  })
  await apollo.start()
  const context = ({ req, res }: { req: express.Request; res: express.Response }) =>
    createContext(services, req, isStaff, res).catch(error => {
      throw isPassing(error) ? new UnavailableError(error) : error
    })
  return {
    handlers: [noStore, cookieGuard(config), express.json({ limit }), expressMiddleware(apollo, { context })],
    stop: () => apollo.stop(),
  }
}

/** Answers are about whoever asks. */
const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store')
  next()
}

/**
 * Apollo would run a subscription like a query and fail in our name; they have a door of their own. A mutation may act
 * once: repeated under a thousand aliases it would cost us a thousand password checks or mails.
 */
const oneAct: ApolloServerPlugin<ApiContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation === 'subscription')
        throw new RequestError('BAD_USER_INPUT', 'Subscriptions are not served here.', 400)
      const fields = operation?.selectionSet.selections ?? []
      const isOne = fields.length === 1 && fields[0]?.kind === Kind.FIELD
      if (operation?.operation === 'mutation' && !isOne)
        throw new RequestError('BAD_USER_INPUT', 'One mutation field a request.', 400)
    },
  }),
}

/** With the database away no field is worth much: the whole request is asked to come again. */
const comeAgain: ApolloServerPlugin<ApiContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ errors, response: { http } }) => {
      if (!errors?.some(error => isPassing(unwrapResolverError(error)))) return
      http.status = 503
      http.headers.set('retry-after', RETRY_AFTER_SECONDS)
    },
  }),
}

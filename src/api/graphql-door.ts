// One GraphQL endpoint: POST and JSON only, bounded, masked.
import type { Server } from 'node:http'
import { ApolloServer } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled'
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer'
import { expressMiddleware } from '@as-integrations/express5'
import type { Request, RequestHandler, Response } from 'express'
import type { GraphQLSchema } from 'graphql'
import { admission } from './admission'
import { callRate } from './call-rate'
import { type ApiContext, createContext, type Services } from './context'
import { cookieGuard } from './cookie-guard'
import { formatError, UnavailableError } from './errors'
import { guards } from './graphql-guards'
import { jsonBody } from './json-body'
import { sendBusy } from './json-error'
import { type Limits, limitRules, MAX_ERRORS } from './limits'
import { namedDocument } from './trusted-documents'
import { isPassing } from './unavailable'

export interface GraphqlDoor {
  handlers: RequestHandler[]
  stop(): Promise<void>
}

/** Starts the Apollo server of one schema. */
export async function graphqlDoor(
  services: Services,
  http: Server,
  schema: GraphQLSchema,
  { isStaff, limits }: { isStaff: boolean; limits: Limits },
): Promise<GraphqlDoor> {
  const { config, log } = services
  const apollo = new ApolloServer<ApiContext>({
    schema,
    parseOptions: { maxTokens: limits.tokens },
    validationRules: limitRules(limits),
    validationOptions: { maxErrors: MAX_ERRORS },
    maxRecursiveSelections: limits.selections,
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
      guards,
      callRate,
    ],
  })
  await apollo.start()
  const context = ({ req, res }: { req: Request; res: Response }) =>
    createContext(services, req, isStaff, res).catch(error => {
      throw isPassing(error) ? new UnavailableError(error) : error
    })
  return {
    handlers: [
      cookieGuard(config),
      jsonBody(services, isStaff),
      namedDocument(config),
      admission(config.maxRequests, sendBusy),
      expressMiddleware(apollo, { context }),
    ],
    stop: () => apollo.stop(),
  }
}

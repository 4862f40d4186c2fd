// Two schemas from one code base: what readers and clients see, and all that staff see.
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'
import {
  type AuthCheckerInterface,
  AuthenticationError,
  buildSchema,
  type NonEmptyArray,
  type ResolverData,
} from 'type-graphql'
import type { ApiScope } from '../entities/api-key'
import { type AccessNeed, type AccessRule, describeAccess, isAllowed, mustHaveAccessRules } from './access'
import { ApiKeyResolver } from './api-key.resolver'
import { AudienceResolver } from './audience.resolver'
import { AuditResolver } from './audit.resolver'
import { ClickCountingResolver } from './click-counting.resolver'
import { ClicksResolver } from './clicks.resolver'
import { ConsentEventResolver } from './consent-event.types'
import { ConsentSaveResolver } from './consent-save.resolver'
import type { ApiContext } from './context'
import { DataRequestResolver, OwnDataResolver } from './data-request.resolver'
import { DataRequestStreamResolver, OwnDataRequestStreamResolver } from './data-request-stream.resolver'
import { DeliveryResolver } from './delivery.resolver'
import { DeliverySettleResolver } from './delivery-settle.resolver'
import { DirectoryResolver, LinkFeedbackResolver, StaffDirectoryResolver } from './directory.resolver'
import { DirectoryReviewResolver } from './directory-review.resolver'
import { ImportResolver } from './import.resolver'
import { ImportProgressResolver } from './import-progress.resolver'
import { LawfulDisclosureResolver } from './lawful-disclosure.resolver'
import { LinkTokenResolver } from './link-token.resolver'
import { LoginResolver } from './login.resolver'
import { ContentResolver, NewsletterResolver } from './newsletter.resolver'
import { NewsletterControlResolver } from './newsletter-control.resolver'
import {
  NewsletterFiguresResolver,
  ProgressNewsletterResolver,
  StaffDeliveryResolver,
} from './newsletter-figures.resolver'
import { NewsletterScheduleResolver } from './newsletter-schedule.resolver'
import { NewsletterWriteResolver } from './newsletter-write.resolver'
import { OwnHistoryResolver } from './own-history.resolver'
import { OwnReaderResolver, OwnTopicResolver } from './own-reader.resolver'
import { PolicyResolver } from './policy.resolver'
import { PolicyDraftResolver } from './policy-draft.resolver'
import { PreferencesResolver } from './preferences.resolver'
import { OwnDisclosureResolver, ProcessorResolver, StaffProcessorResolver } from './processor.resolver'
import { ProcessorRecordsResolver } from './processor-records.resolver'
import { ProcessorSaveResolver } from './processor-save.resolver'
import { ProfileResolver } from './profile.resolver'
import { ProgressResolver } from './progress.resolver'
import { PromiseResolver } from './promise.resolver'
import { PurposeSaveResolver } from './purpose-save.resolver'
import { ReaderResolver } from './reader.resolver'
import { ReaderSessionResolver } from './reader-session.resolver'
import { ReadersResolver } from './readers.resolver'
import { RegistrationResolver } from './registration.resolver'
import { RestrictionResolver } from './restriction.resolver'
import { DateTime } from './scalars'
import { SecondFactorResolver } from './second-factor.resolver'
import { SiteResolver } from './site.resolver'
import { SiteSwitchResolver } from './site-switch.resolver'
import { StaffTopicResolver, StaffViewerResolver } from './staff.resolver'
import { StaffLoginResolver } from './staff-login.resolver'
import { StaffManageResolver } from './staff-manage.resolver'
import { StaffPasswordResolver } from './staff-password.resolver'
import { StaffReaderRightsResolver } from './staff-reader-rights.resolver'
import { StaffSessionResolver } from './staff-session.resolver'
import { StatisticsResolver, StatRecordResolver } from './statistics.resolver'
import { SuppressionResolver } from './suppression.resolver'
import { TestSendResolver } from './test-send.resolver'
import { TopicResolver } from './topic.resolver'
import { TopicRefreshResolver } from './topic-refresh.resolver'
import { TopicSaveResolver } from './topic-save.resolver'
import { UnsubscribeResolver } from './unsubscribe.resolver'
import { publicErrorTypes, staffErrorTypes } from './user-errors'
import { ViewerResolver } from './viewer.resolver'
import { VisitorConsentResolver, VisitorViewerResolver } from './visitor-consent.resolver'

type Resolvers = NonEmptyArray<new () => object>

const shared: Resolvers = [
  SiteResolver,
  PolicyResolver,
  TopicResolver,
  ReaderResolver,
  OwnReaderResolver,
  OwnTopicResolver,
  OwnHistoryResolver,
  ConsentEventResolver,
  DeliveryResolver,
  ViewerResolver,
  VisitorViewerResolver,
  RegistrationResolver,
  LoginResolver,
  UnsubscribeResolver,
  DataRequestResolver,
  ProcessorResolver,
  OwnDisclosureResolver,
  PromiseResolver,
  DirectoryResolver,
]
const publicResolvers: Resolvers = [
  ...shared,
  ReaderSessionResolver,
  ConsentSaveResolver,
  PreferencesResolver,
  ProfileResolver,
  LinkTokenResolver,
  OwnDataResolver,
  OwnDataRequestStreamResolver,
  RestrictionResolver,
  VisitorConsentResolver,
  StatRecordResolver,
  LinkFeedbackResolver,
]
const staffResolvers: Resolvers = [
  ...shared,
  StaffLoginResolver,
  StaffSessionResolver,
  SecondFactorResolver,
  StaffPasswordResolver,
  StaffManageResolver,
  StaffViewerResolver,
  StaffTopicResolver,
  TopicSaveResolver,
  TopicRefreshResolver,
  PolicyDraftResolver,
  PurposeSaveResolver,
  NewsletterResolver,
  ContentResolver,
  AudienceResolver,
  NewsletterWriteResolver,
  NewsletterScheduleResolver,
  NewsletterControlResolver,
  NewsletterFiguresResolver,
  StaffDeliveryResolver,
  DeliverySettleResolver,
  ProgressNewsletterResolver,
  ProgressResolver,
  TestSendResolver,
  SiteSwitchResolver,
  ClickCountingResolver,
  ClicksResolver,
  AuditResolver,
  ApiKeyResolver,
  ReadersResolver,
  DataRequestStreamResolver,
  StaffReaderRightsResolver,
  SuppressionResolver,
  StaffDirectoryResolver,
  DirectoryReviewResolver,
  ImportResolver,
  ImportProgressResolver,
  StaffProcessorResolver,
  ProcessorSaveResolver,
  ProcessorRecordsResolver,
  StatisticsResolver,
  LawfulDisclosureResolver,
]

class AccessChecker implements AuthCheckerInterface<ApiContext, AccessNeed> {
  check({ context }: ResolverData<ApiContext>, needs: AccessNeed[]): boolean {
    const [rule, scope] = needs as [AccessRule, ApiScope?]
    if (context.apiKey) return scope !== undefined && context.apiKey.scopes.includes(scope)
    const role = context.staff?.role ?? (context.reader && 'READER')
    if (rule !== undefined && isAllowed(role, rule)) return true
    // Nobody is logged in: logging in is what may help, unlike for staff of a lower role.
    if (!role) throw new AuthenticationError()
    return false
  }
}

async function build(
  resolvers: Resolvers,
  orphanedTypes: (new (...args: never[]) => object)[],
): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    resolvers,
    orphanedTypes,
    authChecker: AccessChecker,
    scalarsMap: [{ type: Date, scalar: DateTime }],
    // Shape is checked by the schema, the rest where it can answer with userErrors.
    validate: false,
    pubSub: noPubSub,
  })
  mustHaveAccessRules(schema)
  describeAccess(schema)
  return schema
}

/** Subscriptions read the database themselves; nothing is published inside a process. */
const noPubSub = {
  publish: () => {},
  subscribe: () => {
    throw new Error('Nothing is published here')
  },
}

let publicSchema: Promise<GraphQLSchema> | undefined
let staffSchema: Promise<GraphQLSchema> | undefined

/** The schema of `/graphql`; built once. */
export function buildPublicSchema(): Promise<GraphQLSchema> {
  publicSchema ??= build(publicResolvers, publicErrorTypes)
  return publicSchema
}

/**
 * The schema of `/graphql/staff`; built once, and always after the public one: type-graphql keeps the fields that staff
 * resolvers add to shared types, and would show them in a public schema built later.
 */
export function buildStaffSchema(): Promise<GraphQLSchema> {
  staffSchema ??= buildPublicSchema().then(() =>
    build(staffResolvers, [...publicErrorTypes, ...staffErrorTypes]),
  )
  return staffSchema
}

/** One spelling of a schema, whatever order its parts were built in. */
export const printSdl = (schema: GraphQLSchema): string => `${printSchema(lexicographicSortSchema(schema))}\n`

/** The SDL that is committed and published. */
export const printPublicSchema = async (): Promise<string> => printSdl(await buildPublicSchema())
export const printStaffSchema = async (): Promise<string> => printSdl(await buildStaffSchema())

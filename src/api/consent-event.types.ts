import { Ctx, Field, FieldResolver, ID, Int, ObjectType, Resolver, Root } from 'type-graphql'
import { ConsentStatus } from '../entities/consent'
import { type ConsentEvent, ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { PolicyVersion } from '../entities/policy-version'
import { AgreedWords, agreedWords } from './agreed-words'
import { connectionOf } from './connection'
import { statusOf } from './consent-status'
import type { ApiContext } from './context'
import { purposeView, ShownPurposeType } from './purpose.types'
import { Role } from './viewer.resolver'

@ObjectType('ConsentEvent')
export class ConsentEventView {
  @Field(() => ID)
  id!: string

  @Field(() => ConsentStatus)
  from!: ConsentStatus

  @Field(() => ConsentStatus)
  to!: ConsentStatus

  @Field(() => String, { description: 'SHA-256 of the words, hex.' })
  wordingHash!: string

  @Field(() => ConsentSurface)
  surface!: ConsentSurface

  @Field(() => ConsentMethod)
  method!: ConsentMethod

  @Field(() => Date)
  at!: Date

  @Field(() => Role, {
    nullable: true,
    description: 'Null: the product by itself, such as at the end of a term.',
  })
  actor!: Role | null

  purposeId!: number
  purposeVersionId!: number
  policyVersionId!: number
}
export const ConsentEventConnection = connectionOf(ConsentEventView, 'ConsentEvent')

export const eventView = (event: ConsentEvent): ConsentEventView & { position: number } => ({
  id: event.publicId,
  from: statusOf[event.fromState],
  to: statusOf[event.toState],
  wordingHash: event.wordingHash.toString('hex'),
  surface: event.surface,
  method: event.method,
  at: event.at,
  actor: Role[event.actor as keyof typeof Role] ?? null,
  purposeId: event.purposeId,
  purposeVersionId: event.purposeVersionId,
  policyVersionId: event.policyVersionId,
  position: event.position,
})

@Resolver(() => ConsentEventView)
export class ConsentEventResolver {
  @FieldResolver(() => ShownPurposeType)
  purpose(
    @Root() event: ConsentEventView,
    @Ctx() { loaders, locale }: ApiContext,
  ): Promise<ShownPurposeType> {
    return purposeView(loaders, event.purposeId, locale)
  }

  @FieldResolver(() => PolicyVersion, { nullable: true })
  async policy(
    @Root() event: ConsentEventView,
    @Ctx() { loaders }: ApiContext,
  ): Promise<PolicyVersion | null> {
    return (await loaders.policy.load(event.policyVersionId)) ?? null
  }

  @FieldResolver(() => Int)
  async purposeVersion(@Root() event: ConsentEventView, @Ctx() { loaders }: ApiContext): Promise<number> {
    return (await loaders.words.load(event.purposeVersionId))?.version ?? 0
  }

  @FieldResolver(() => AgreedWords, { nullable: true, description: 'The very words that were shown.' })
  words(@Root() event: ConsentEventView, @Ctx() { loaders }: ApiContext): Promise<AgreedWords | null> {
    return agreedWords(loaders, event.purposeVersionId)
  }
}

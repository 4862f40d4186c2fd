import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql'
import { openReader } from '../consent/readers'
import { type Consent, ConsentStatus } from '../entities/consent'
import { PolicyVersion } from '../entities/policy-version'
import { Reader, ReaderStatus } from '../entities/reader'
import { maskAddress } from '../mail/address'
import { AgreedWords, agreedWords } from './agreed-words'
import { statusOf } from './consent-status'
import type { ApiContext } from './context'
import type { Loaders } from './loaders'
import { purposeView, ShownPurposeType } from './purpose.types'
import { TimeZone } from './scalars'

@ObjectType('Consent')
export class ConsentView {
  @Field(() => ShownPurposeType)
  purpose!: ShownPurposeType

  @Field(() => ConsentStatus)
  status!: ConsentStatus

  @Field(() => PolicyVersion, { nullable: true })
  policy!: PolicyVersion | null

  @Field(() => Date, { nullable: true })
  changedAt!: Date | null

  @Field(() => Date, { nullable: true })
  expiresAt!: Date | null

  @Field(() => AgreedWords, { nullable: true, description: 'The very words that were answered.' })
  words!: AgreedWords | null
}

/**
 * Who is logged in sees everything of their own, staff what their fields show. Whoever only holds a mailed link sees the
 * masked address, the topics and their state, and nothing else.
 */
export const maySeeAll = (reader: Reader, { reader: self, staff }: ApiContext): boolean =>
  staff !== undefined || reader.id === self?.id

const HIDDEN = 'Null for whoever only holds a mailed link.'

@Resolver(() => Reader)
export class ReaderResolver {
  @FieldResolver(() => String)
  maskedEmail(@Root() reader: Reader, @Ctx() { keyring }: ApiContext): string {
    const person = openReader(keyring, reader)
    return person ? maskAddress(person.email) : ''
  }

  @FieldResolver(() => TimeZone, { nullable: true, description: HIDDEN })
  timeZone(@Root() reader: Reader, @Ctx() context: ApiContext): string | null {
    return maySeeAll(reader, context) ? reader.timeZone : null
  }

  @FieldResolver(() => Date, { nullable: true, description: HIDDEN })
  confirmedAt(@Root() reader: Reader, @Ctx() context: ApiContext): Date | null {
    return maySeeAll(reader, context) ? reader.confirmedAt : null
  }

  @FieldResolver(() => Date, { nullable: true, description: HIDDEN })
  createdAt(@Root() reader: Reader, @Ctx() context: ApiContext): Date | null {
    return maySeeAll(reader, context) ? reader.createdAt : null
  }

  @FieldResolver(() => ReaderStatus)
  async status(@Root() reader: Reader, @Ctx() { loaders }: ApiContext): Promise<ReaderStatus> {
    if (reader.erasedAt || !reader.addressHash) return ReaderStatus.ERASED
    if (await loaders.isSuppressed.load(reader.addressHash)) return ReaderStatus.SUPPRESSED
    return reader.pausedUntil && reader.pausedUntil > new Date() ? ReaderStatus.PAUSED : ReaderStatus.ACTIVE
  }

  @FieldResolver(() => [ConsentView], {
    description:
      'Everything that was asked, with its present state. Empty for whoever only holds a mailed link.',
  })
  async consents(@Root() reader: Reader, @Ctx() context: ApiContext): Promise<ConsentView[]> {
    if (!maySeeAll(reader, context)) return []
    const consents = await context.loaders.consents.load(reader.id)
    return Promise.all(consents.map(consent => consentView(consent, context)))
  }
}

export async function consentView(consent: Consent, { loaders, locale }: ApiContext): Promise<ConsentView> {
  return {
    purpose: await purposeView(loaders, consent.purposeId, locale),
    status: await presentStatus(consent, loaders),
    policy: (await loaders.policy.load(consent.policyVersionId)) ?? null,
    changedAt: consent.changedAt,
    expiresAt: consent.expiresAt,
    words: await agreedWords(loaders, consent.purposeVersionId),
  }
}

/** A yes may have ended, or be to a policy that was replaced, before its state says so: the gate looks at both too. */
async function presentStatus(consent: Consent, loaders: Loaders): Promise<ConsentStatus> {
  const status = statusOf[consent.state]
  if (status !== ConsentStatus.GRANTED) return status
  if (consent.policyNumber < (await loaders.materialPolicy())) return ConsentStatus.RECONSENT_REQUIRED
  return consent.expiresAt && consent.expiresAt <= new Date() ? ConsentStatus.EXPIRED : status
}

/** No record means no; for clients that is a state of its own. */
export async function notAsked(purposeId: number, { loaders, locale }: ApiContext): Promise<ConsentView> {
  const purpose = await purposeView(loaders, purposeId, locale)
  return { purpose, status: ConsentStatus.NOT_ASKED, ...HIDDEN_FACTS }
}

/** Its state alone. */
export const withoutFacts = (view: ConsentView): ConsentView => ({ ...view, ...HIDDEN_FACTS })

const HIDDEN_FACTS = { policy: null, changedAt: null, expiresAt: null, words: null }

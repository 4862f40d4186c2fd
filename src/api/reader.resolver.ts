import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql'
import { openReader } from '../consent/readers'
import { type Consent, type ConsentState, ConsentStatus } from '../entities/consent'
import { PolicyVersion } from '../entities/policy-version'
import { Reader, ReaderStatus } from '../entities/reader'
import { maskAddress } from '../mail/address'
import type { ApiContext } from './context'
import type { Loaders } from './loaders'
import { ShownPurposeType, shownPurpose } from './purpose.types'

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
}

/** DESIGN §2: the stored DPV names, mapped for clients. */
const statusOf: Record<ConsentState, ConsentStatus> = {
  ConsentUnknown: ConsentStatus.NOT_ASKED,
  ConsentRequested: ConsentStatus.PENDING,
  ConsentRequestDeferred: ConsentStatus.PENDING,
  ConsentGiven: ConsentStatus.GRANTED,
  RenewedConsentGiven: ConsentStatus.GRANTED,
  ConsentWithdrawn: ConsentStatus.WITHDRAWN,
  ConsentRevoked: ConsentStatus.WITHDRAWN,
  ConsentRefused: ConsentStatus.REFUSED,
  ConsentExpired: ConsentStatus.EXPIRED,
  ConsentInvalidated: ConsentStatus.RECONSENT_REQUIRED,
}

@Resolver(() => Reader)
export class ReaderResolver {
  @FieldResolver(() => String)
  maskedEmail(@Root() reader: Reader, @Ctx() { keyring }: ApiContext): string {
    const person = openReader(keyring, reader)
    return person ? maskAddress(person.email) : ''
  }

  @FieldResolver(() => ReaderStatus)
  async status(@Root() reader: Reader, @Ctx() { loaders }: ApiContext): Promise<ReaderStatus> {
    if (reader.erasedAt || !reader.addressHash) return ReaderStatus.ERASED
    if (await loaders.isSuppressed.load(reader.addressHash)) return ReaderStatus.SUPPRESSED
    return reader.pausedUntil && reader.pausedUntil > new Date() ? ReaderStatus.PAUSED : ReaderStatus.ACTIVE
  }

  @FieldResolver(() => [ConsentView], { description: 'Everything that was asked, with its present state.' })
  async consents(@Root() reader: Reader, @Ctx() context: ApiContext): Promise<ConsentView[]> {
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
  return { purpose, status: ConsentStatus.NOT_ASKED, policy: null, changedAt: null, expiresAt: null }
}

async function purposeView(loaders: Loaders, id: number, locale: string): Promise<ShownPurposeType> {
  const shown = await loaders.purpose.load({ id, locale })
  if (!shown) throw new Error('A purpose without words')
  return shownPurpose(shown)
}

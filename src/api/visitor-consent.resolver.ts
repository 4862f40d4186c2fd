// A visitor's choice about cookies for clients that keep it themselves. The API sets no cookie for it and stores nothing.
import { Arg, Ctx, Field, FieldResolver, Mutation, ObjectType, Resolver } from 'type-graphql'
import { currentPolicy } from '../consent/policies'
import { shownPurposes } from '../consent/purposes'
import { ConsentStatus } from '../entities/consent'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { choiceEnds, readChoice, today, writeChoice } from '../privacy/visitor-choice'
import { Access } from './access'
import { hasOptedOut } from './browser-signal'
import { ConsentInput } from './centre.inputs'
import type { ApiContext } from './context'
import { PRICE } from './price'
import { ShownPurposeType, shownPurpose } from './purpose.types'
import { refuseStale } from './refuse-stale'
import { ErrorCode, InputError, UserError } from './user-errors'
import { Viewer } from './viewer.resolver'
import { decide, type Visitor, visitorOf } from './visitor'

@ObjectType({ description: 'What a visitor said about one purpose. It belongs to nobody.' })
export class VisitorDecision {
  @Field(() => ShownPurposeType)
  purpose!: ShownPurposeType

  @Field(() => ConsentStatus, { description: 'GRANTED, REFUSED, or NOT_ASKED, which is no.' })
  status!: ConsentStatus
}

@ObjectType()
export class VisitorConsent {
  @Field(() => [VisitorDecision], {
    description: 'One for each purpose of cookies; none where there is none.',
  })
  decisions!: VisitorDecision[]

  @Field(() => Date, { nullable: true, description: 'The day.' })
  decidedAt!: Date | null

  @Field(() => Date, { nullable: true, description: 'Six months later.' })
  expiresAt!: Date | null

  @Field(() => Boolean, { description: 'The browser sent `Sec-GPC: 1`: no to all, whatever was chosen.' })
  browserSignalHonoured!: boolean

  @Field(() => Boolean)
  askAgain!: boolean
}

@ObjectType()
export class VisitorConsentPayload {
  @Field(() => VisitorConsent, { nullable: true })
  visitorConsent!: VisitorConsent | null

  @Field(() => String, {
    nullable: true,
    description: 'To be kept by the client. It is the choice itself, the same for all who chose alike.',
  })
  visitorToken!: string | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

const SURFACES = [
  ConsentSurface.WEB_FORM,
  ConsentSurface.MOBILE_APP,
  ConsentSurface.COOKIE_BANNER,
  ConsentSurface.COOKIE_PAGE,
]
const METHODS = [
  ConsentMethod.ACCEPT_ALL,
  ConsentMethod.REJECT_ALL,
  ConsentMethod.SAVE_CHOICES,
  ConsentMethod.SINGLE_TOGGLE,
]

@Resolver(() => Viewer)
export class VisitorViewerResolver {
  @FieldResolver(() => VisitorConsent, { complexity: PRICE.statement })
  async visitorConsent(
    @Ctx() context: ApiContext,
    @Arg('visitorToken', () => String, { nullable: true }) token?: string | null,
  ): Promise<VisitorConsent> {
    const choice = readChoice(token ?? undefined, new Date())
    return view(await visitorOf(context, context.request, context, choice))
  }
}

@Resolver()
export class VisitorConsentResolver {
  @Mutation(() => VisitorConsentPayload, {
    description: 'Yes and no to purposes of cookies; what is not named is no. Nothing is stored here.',
  })
  @Access('ANYONE')
  async visitorConsentSave(
    @Ctx() context: ApiContext,
    @Arg('input', () => ConsentInput) input: ConsentInput,
  ): Promise<VisitorConsentPayload> {
    const { db, locale, locales, request } = context
    const problem = problemOf(context, input)
    if (problem) return refusal(problem)
    const purposes = await shownPurposes(db.manager, locale, locales)
    const granted = new Set(input.decisions.filter(one => one.granted).map(one => one.purposeKey))
    const shown = new Map(input.decisions.map(one => [one.purposeKey, one.purposeVersion]))
    const decisions = decide(purposes, { shown, isYes: key => granted.has(key) })
    const policy = await currentPolicy(db.manager, locale, locales)
    if (decisions === 'stale' || (granted.size > 0 && input.policyVersion !== policy.version))
      return refusal(await refuseStale(context))
    const unknown = input.decisions.findIndex(one => !decisions.some(({ key }) => key === one.purposeKey))
    if (unknown >= 0) {
      const field = ['input', 'decisions', String(unknown), 'purposeKey']
      return refusal(new InputError(locale, ErrorCode.NOT_FOUND, field))
    }
    const choice = { day: today(new Date()), decisions }
    const visitorConsent = view(await visitorOf(context, request, context, choice))
    const isKept = !(granted.size > 0 && hasOptedOut(request))
    return { visitorConsent, visitorToken: isKept ? writeChoice(choice) : null, userErrors: [] }
  }
}

const refusal = (error: UserError): VisitorConsentPayload => ({
  visitorConsent: null,
  visitorToken: null,
  userErrors: [error],
})

const MAX_DECISIONS = 40

function problemOf({ locale }: ApiContext, input: ConsentInput): UserError | undefined {
  const { decisions, surface, method } = input
  const wrong = (code: ErrorCode, field: string) => new InputError(locale, code, ['input', field])
  if (!SURFACES.includes(surface)) return wrong(ErrorCode.INVALID, 'surface')
  if (!METHODS.includes(method)) return wrong(ErrorCode.INVALID, 'method')
  if (decisions.length === 0) return wrong(ErrorCode.REQUIRED, 'decisions')
  if (decisions.length > MAX_DECISIONS) return wrong(ErrorCode.TOO_LONG, 'decisions')
  const isAllNo = method === ConsentMethod.REJECT_ALL
  if (isAllNo && decisions.some(({ granted }) => granted)) return wrong(ErrorCode.INVALID, 'method')
  const keys = decisions.map(one => one.purposeKey)
  return new Set(keys).size < keys.length ? wrong(ErrorCode.INVALID, 'decisions') : undefined
}

const view = ({ asked, choice, isSignalled, askAgain }: Visitor): VisitorConsent => ({
  decisions: asked.map(({ shown, status }) => ({ purpose: shownPurpose(shown), status })),
  decidedAt: choice ? new Date(choice.day) : null,
  expiresAt: choice ? choiceEnds(choice) : null,
  browserSignalHonoured: isSignalled,
  askAgain,
})

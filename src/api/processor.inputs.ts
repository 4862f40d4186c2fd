import { Field, ID, InputType } from 'type-graphql'
import { AgreementKind } from '../entities/agreement'
import type { ApiContext } from './context'
import { errorsOf, type Problem, text } from './input-problems'
import { Day } from './scalars'
import { ErrorCode, type UserError } from './user-errors'

@InputType()
export class ProcessorInput {
  @Field(() => String)
  name!: string

  @Field(() => String)
  legalName!: string

  @Field(() => String, { description: 'ISO 3166-1 alpha-2.' })
  country!: string

  @Field(() => String, { description: 'What it does for the site.' })
  role!: string

  @Field(() => [String], {
    description:
      '`email`, `name` and `locale` are what its key is given of a reader; the rest is for people.',
  })
  dataCategories!: string[]

  @Field(() => [ID])
  purposeIds!: string[]

  @Field(() => String, { nullable: true, description: 'https.' })
  privacyPolicyUrl?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'The host of a mail server of theirs that the site sends through.',
  })
  serviceHost?: string | null
}

@InputType()
export class AgreementInput {
  @Field(() => AgreementKind)
  kind!: AgreementKind

  @Field(() => Day)
  signedAt!: Date

  @Field(() => Day, { nullable: true, description: 'The last day it holds.' })
  expiresAt?: Date | null

  @Field(() => String, { description: 'SHA-256 of the signed document, hex.' })
  documentHash!: string
}

const HOST = /^(?=.{1,255}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i
const MAX_PURPOSES = 50
const MAX_CATEGORIES = 30

/** What of the input cannot be saved. */
export function processorErrors({ locale }: Pick<ApiContext, 'locale'>, input: ProcessorInput): UserError[] {
  const { name, legalName, country, role, dataCategories, purposeIds, privacyPolicyUrl, serviceHost } = input
  const problems: Problem[] = [
    ...text(name, 100, 'name'),
    ...text(legalName, 200, 'legalName'),
    ...text(role, 500, 'role'),
    [!/^[A-Z]{2}$/.test(country), ErrorCode.INVALID, 'country'],
    [dataCategories.length === 0, ErrorCode.REQUIRED, 'dataCategories'],
    [dataCategories.length > MAX_CATEGORIES, ErrorCode.TOO_LONG, 'dataCategories'],
    [dataCategories.some(one => !/^\S.{0,98}\S$/.test(one)), ErrorCode.INVALID, 'dataCategories'],
    [purposeIds.length === 0, ErrorCode.REQUIRED, 'purposeIds'],
    [purposeIds.length > MAX_PURPOSES, ErrorCode.TOO_LONG, 'purposeIds'],
    [Boolean(privacyPolicyUrl) && !isHttps(privacyPolicyUrl), ErrorCode.INVALID, 'privacyPolicyUrl'],
    [Boolean(serviceHost) && !HOST.test(serviceHost ?? ''), ErrorCode.INVALID, 'serviceHost'],
  ]
  return errorsOf(locale, problems)
}

function isHttps(url: string | null | undefined): boolean {
  if (!url || url.length > 500 || !URL.canParse(url)) return false
  const { protocol, username, password } = new URL(url)
  return protocol === 'https:' && username === '' && password === ''
}

/** Signed in the future it is not signed; one that has run out can still be put on record. */
export function agreementErrors({ locale }: Pick<ApiContext, 'locale'>, input: AgreementInput): UserError[] {
  const { signedAt, expiresAt, documentHash } = input
  return errorsOf(locale, [
    [!isDay(signedAt) || signedAt.getTime() > Date.now(), ErrorCode.INVALID, 'signedAt'],
    [
      expiresAt !== null && expiresAt !== undefined && (!isDay(expiresAt) || expiresAt < signedAt),
      ErrorCode.INVALID,
      'expiresAt',
    ],
    [!/^[0-9a-f]{64}$/i.test(documentHash), ErrorCode.INVALID, 'documentHash'],
  ])
}

/** What MariaDB takes as a date and people mean by one. */
const isDay = (day: Date): boolean => day.getUTCFullYear() >= 1970 && day.getUTCFullYear() <= 9999

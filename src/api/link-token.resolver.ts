// What a mailed link would do: looked at, never done.
import { Arg, Ctx, Field, ObjectType, Query, Resolver, registerEnumType } from 'type-graphql'
import { readEmailChangeLink } from '../consent/change-address'
import { readConfirmLink, registeredAddress } from '../consent/confirm'
import { type MailLink, readPreferencesLink, readUnsubscribeLink } from '../consent/mail-link'
import { isSendable } from '../consent/proof'
import { openReader } from '../consent/readers'
import { readLoginLink } from '../consent/redeem-code'
import { Reader } from '../entities/reader'
import { Topic } from '../entities/topic'
import { maskAddress } from '../mail/address'
import { Access } from './access'
import type { ApiContext } from './context'
import { RequestError } from './errors'

export enum LinkPurpose {
  CONFIRM = 'CONFIRM',
  UNSUBSCRIBE = 'UNSUBSCRIBE',
  PREFERENCES = 'PREFERENCES',
  LOGIN = 'LOGIN',
  EMAIL_CHANGE = 'EMAIL_CHANGE',
}
registerEnumType(LinkPurpose, { name: 'LinkPurpose' })

@ObjectType()
export class LinkTokenInfo {
  @Field(() => LinkPurpose)
  purpose!: LinkPurpose

  @Field(() => String, { description: 'Empty when the person is gone, or the link is over.' })
  maskedEmail!: string

  @Field(() => Topic, { nullable: true })
  topic!: Topic | null

  @Field(() => Date, { nullable: true, description: 'Null: never.' })
  expiresAt!: Date | null

  @Field(() => Boolean, {
    description: 'False: it has done its work, or there is nothing left for it to do.',
  })
  stillNeeded!: boolean
}

@Resolver()
export class LinkTokenResolver {
  @Query(() => LinkTokenInfo, {
    description: 'Changes nothing. NOT_FOUND for whatever is no token of a link that is mailed to readers.',
  })
  @Access('TOKEN')
  async linkToken(@Ctx() context: ApiContext, @Arg('token', () => String) token: string) {
    for (const look of [ofConfirm, ofUnsubscribe, ofPreferences, ofLogin, ofEmailChange]) {
      const info = await look(context, token)
      if (info) return info
    }
    throw new RequestError('NOT_FOUND')
  }
}

type Look = (context: ApiContext, token: string) => Promise<LinkTokenInfo | undefined>

const nothing = { maskedEmail: '', topic: null, expiresAt: null, stillNeeded: false }

const ofConfirm: Look = async ({ db, keyring }, token) => {
  const link = await readConfirmLink(db.manager, keyring, token)
  if (link.kind === 'invalid') return undefined
  const purpose = LinkPurpose.CONFIRM
  const email = link.kind === 'found' && registeredAddress(keyring, link.registration)
  if (link.kind === 'gone' || !email) return { ...nothing, purpose }
  const { expiresAt, confirmedAt } = link.registration
  const stillNeeded = !confirmedAt && expiresAt > new Date()
  return { ...nothing, purpose, maskedEmail: maskAddress(email), expiresAt, stillNeeded }
}

const ofUnsubscribe: Look = async (context, token) => {
  const link = await readUnsubscribeLink(context.db.manager, context.keyring, token)
  return ofMailLink(context, LinkPurpose.UNSUBSCRIBE, link)
}

const ofPreferences: Look = async (context, token) => {
  const link = await readPreferencesLink(context.db.manager, context.keyring, token)
  return ofMailLink(context, LinkPurpose.PREFERENCES, link)
}

async function ofMailLink(
  { db, keyring, loaders }: ApiContext,
  purpose: LinkPurpose,
  link: MailLink,
): Promise<LinkTokenInfo | undefined> {
  if (link.kind === 'invalid') return undefined
  const person = link.kind === 'found' && openReader(keyring, link.reader)
  if (link.kind === 'gone' || !person) return { ...nothing, purpose }
  const topic = await db.manager.findOneBy(Topic, { purposeId: link.purposeId })
  const consents = await loaders.consents.load(link.reader.id)
  const stillNeeded = consents.some(
    one => isSendable(one.state) && (purpose === LinkPurpose.PREFERENCES || one.purposeId === link.purposeId),
  )
  return { purpose, maskedEmail: maskAddress(person.email), topic, expiresAt: null, stillNeeded }
}

const ofLogin: Look = async ({ db, keyring }, token) => {
  const link = await readLoginLink(db.manager, keyring, token)
  if (link.kind === 'invalid') return undefined
  const purpose = LinkPurpose.LOGIN
  if (link.kind !== 'open') return { ...nothing, purpose }
  const reader = await db.manager.findOneBy(Reader, { addressHash: link.code.addressHash })
  const person = reader && openReader(keyring, reader)
  if (!person) return { ...nothing, purpose }
  const { expiresAt } = link.code
  return { ...nothing, purpose, maskedEmail: maskAddress(person.email), expiresAt, stillNeeded: true }
}

const ofEmailChange: Look = async ({ db, keyring }, token) => {
  const link = await readEmailChangeLink(db.manager, keyring, token)
  if (link.kind === 'invalid') return undefined
  const purpose = LinkPurpose.EMAIL_CHANGE
  if (link.kind !== 'open') return { ...nothing, purpose }
  const { expiresAt } = link.change
  return { ...nothing, purpose, maskedEmail: maskAddress(link.newEmail), expiresAt, stillNeeded: true }
}

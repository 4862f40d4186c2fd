// What a reader has chosen, topic by topic, and what only the reader sees of the own row.
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql'
import { openReader } from '../consent/readers'
import { receiptOf } from '../consent/receipt'
import { Frequency } from '../entities/consent'
import { DataRequest } from '../entities/data-request'
import { Reader } from '../entities/reader'
import { ReaderSession } from '../entities/reader-session'
import { Topic } from '../entities/topic'
import { createLedgerSigner } from '../secrets/ledger-signer'
import { sessionView } from './answer-session'
import { MAX_PAGE } from './connection'
import type { ApiContext } from './context'
import { PRICE } from './price'
import { ConsentView, consentView, maySeeAll, notAsked, withoutFacts } from './reader.resolver'
import { Session } from './session.types'

@ObjectType()
export class TopicPreference {
  @Field(() => Topic)
  topic!: Topic

  @Field(() => ConsentView)
  consent!: ConsentView

  @Field(() => Frequency)
  frequency!: Frequency

  @Field(() => Date, {
    nullable: true,
    description: 'Of this topic alone; the reader may be on a pause as well.',
  })
  pausedUntil!: Date | null
}

const WHOM = 'For the reader who is logged in, and for admins in `readers`; else null.'

@Resolver(() => Reader)
export class OwnReaderResolver {
  @FieldResolver(() => String, { nullable: true, description: WHOM })
  email(@Root() reader: Reader, @Ctx() context: ApiContext): string | null {
    return isShown(reader, context) ? (openReader(context.keyring, reader)?.email ?? null) : null
  }

  @FieldResolver(() => String, { nullable: true, description: WHOM })
  name(@Root() reader: Reader, @Ctx() context: ApiContext): string | null {
    return isShown(reader, context) ? (openReader(context.keyring, reader)?.name ?? null) : null
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description:
      'Since when nothing is sent, as asked for. For the reader who is logged in and for staff, else null.',
  })
  restrictedAt(@Root() reader: Reader, @Ctx() context: ApiContext): Date | null {
    return context.staff || isSelf(reader, context) ? reader.restrictedAt : null
  }

  @FieldResolver(() => String, {
    nullable: true,
    complexity: PRICE.statement,
    description:
      'A signed JSON file of every consent, its history and the words agreed to; for the reader who is logged in, else null.',
  })
  async receipt(@Root() reader: Reader, @Ctx() context: ApiContext): Promise<string | null> {
    if (!isSelf(reader, context)) return null
    return receiptOf(context.db.manager, createLedgerSigner(context.keyring), reader.id)
  }

  @FieldResolver(() => [Session], { description: 'For the reader who is logged in, else empty. At most 20.' })
  async sessions(@Root() reader: Reader, @Ctx() context: ApiContext): Promise<Session[]> {
    if (!isSelf(reader, context)) return []
    const { db, readerSession } = context
    const sessions = await db.manager
      .createQueryBuilder(ReaderSession, 'session')
      .where('session.readerId = :id AND session.expiresAt > UTC_TIMESTAMP(3)', { id: reader.id })
      .orderBy('session.lastUsedAt', 'DESC')
      .getMany()
    return sessions.map(session => sessionView(session, readerSession))
  }

  @FieldResolver(() => [DataRequest], {
    description: 'For the reader who is logged in, else empty. The latest first, at most 100.',
  })
  async dataRequests(@Root() reader: Reader, @Ctx() context: ApiContext): Promise<DataRequest[]> {
    if (!isSelf(reader, context)) return []
    return context.db.manager.find(DataRequest, {
      where: { readerId: reader.id },
      order: { id: 'DESC' },
      take: MAX_PAGE,
    })
  }

  @FieldResolver(() => [TopicPreference], { description: 'Every topic there is, asked for or not.' })
  async topics(@Root() reader: Reader, @Ctx() context: ApiContext): Promise<TopicPreference[]> {
    const topics = await context.loaders.allTopics.load(MAX_PAGE)
    return Promise.all(topics.map(topic => preference(reader, topic, context)))
  }
}

@Resolver(() => Topic)
export class OwnTopicResolver {
  @FieldResolver(() => TopicPreference, {
    nullable: true,
    description: 'The own setting of who is logged in.',
  })
  async mine(@Root() topic: Topic, @Ctx() context: ApiContext): Promise<TopicPreference | null> {
    return context.reader ? preference(context.reader, topic, context) : null
  }
}

/** Oneself, or somebody on a page of readers that an admin was given. */
const isShown = (reader: Reader, context: ApiContext): boolean =>
  isSelf(reader, context) || context.shown.has(reader.id)

const isSelf = (reader: Reader, context: ApiContext): boolean => reader.id === context.reader?.id

/** The setting of one topic; its state alone for whoever only holds a mailed link. */
export async function preference(
  reader: Reader,
  topic: Topic,
  context: ApiContext,
): Promise<TopicPreference> {
  const consents = await context.loaders.consents.load(reader.id)
  const consent = consents.find(one => one.purposeId === topic.purposeId)
  const view = consent ? await consentView(consent, context) : await notAsked(topic.purposeId, context)
  return {
    topic,
    consent: maySeeAll(reader, context) ? view : withoutFacts(view),
    frequency: consent?.frequency ?? Frequency.EVERY_ISSUE,
    pausedUntil: consent?.pausedUntil ?? null,
  }
}

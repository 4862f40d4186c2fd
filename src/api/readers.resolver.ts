import { Arg, Ctx, Field, ID, InputType, Int, Query, Resolver } from 'type-graphql'
import { audit, staffActor } from '../consent/audit'
import { SENDABLE } from '../consent/skip-reason'
import { DataRequest } from '../entities/data-request'
import { JobStatus } from '../entities/job-status'
import { Reader, ReaderStatus } from '../entities/reader'
import { Topic } from '../entities/topic'
import { parseAddress } from '../mail/address'
import { addressHash } from '../secrets/address-hash'
import { transaction } from '../transaction'
import { Access } from './access'
import { type Connection, connectionFrom, connectionOf, pageOf } from './connection'
import type { ApiContext } from './context'
import { byPublicId } from './find'

@InputType()
export class ReaderFilter {
  @Field(() => [ReaderStatus], { nullable: true })
  status?: ReaderStatus[] | null

  @Field(() => ID, { nullable: true, description: 'Those whose yes to it stands.' })
  topicId?: string | null

  @Field(() => String, { nullable: true, description: 'The whole address; it is looked up by its hash.' })
  emailExact?: string | null
}

const ReaderConnection = connectionOf(Reader, 'Reader')
const DataRequestConnection = connectionOf(DataRequest, 'DataRequest')

/** The statuses of the schema as conditions over the alias `reader`. Whoever only signed up is no reader yet. */
const suppressed = 'EXISTS (SELECT 1 FROM suppression x WHERE x.address_hash = reader.address_hash)'
const paused = 'reader.paused_until > UTC_TIMESTAMP(3)'
const here = 'reader.erased_at IS NULL'
const conditions: Record<ReaderStatus, string> = {
  PENDING: 'FALSE',
  ERASED: 'reader.erased_at IS NOT NULL',
  SUPPRESSED: `(${here} AND ${suppressed})`,
  PAUSED: `(${here} AND NOT ${suppressed} AND ${paused})`,
  ACTIVE: `(${here} AND NOT ${suppressed} AND NOT COALESCE(${paused}, FALSE))`,
}

@Resolver()
export class ReadersResolver {
  @Query(() => ReaderConnection, {
    description:
      'In the order they confirmed. Addresses are masked; admins see them in full, and each page they see leaves an audit event.',
  })
  @Access('AUTHOR')
  async readers(
    @Ctx() context: ApiContext,
    @Arg('filter', () => ReaderFilter, { nullable: true }) filter: ReaderFilter | null | undefined,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<Reader>> {
    const page = pageOf(first, after)
    const query = context.db.manager
      .createQueryBuilder(Reader, 'reader')
      .orderBy('reader.id')
      .take(page.limit + 1)
    if (page.after !== undefined) query.andWhere('reader.id > :after', { after: page.after })
    if (filter?.status)
      query.andWhere(`(${filter.status.map(one => conditions[one]).join(' OR ') || 'FALSE'})`)
    if (filter?.topicId) query.andWhere(givenSql, { purposeId: await purposeOf(context, filter.topicId) })
    if (filter?.emailExact)
      query.andWhere('reader.address_hash = :hash', { hash: hashOf(context, filter.emailExact) })
    const connection = connectionFrom(await query.getMany(), page, row => row.id)
    await discloseTo(context, connection.nodes)
    return connection
  }

  @Query(() => DataRequestConnection, { description: 'Copies and erasures, the latest first.' })
  @Access('ADMIN')
  async dataRequests(
    @Ctx() { db }: ApiContext,
    @Arg('status', () => JobStatus, { nullable: true }) status: JobStatus | null | undefined,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<DataRequest>> {
    const page = pageOf(first, after)
    const query = db.manager.createQueryBuilder(DataRequest, 'request').orderBy('request.id', 'DESC')
    if (status) query.andWhere('request.status = :status', { status })
    if (page.after !== undefined) query.andWhere('request.id < :after', { after: page.after })
    return connectionFrom(await query.take(page.limit + 1).getMany(), page, row => row.id)
  }
}

const givenSql = `EXISTS (SELECT 1 FROM consent c WHERE c.reader_id = reader.id AND c.purpose_id = :purposeId
  AND c.state IN ${SENDABLE})`

const purposeOf = async ({ db }: ApiContext, topicId: string): Promise<number> =>
  (await byPublicId(db.manager, Topic, topicId)).purposeId

/** What is no address is nobody's. */
const hashOf = ({ keyring }: ApiContext, email: string): Buffer =>
  addressHash(keyring, parseAddress(email)?.canonical ?? '')

/** From here on this request may show these people's addresses and names; that it did is written down first. */
async function discloseTo(
  { db, staff, requestId, shown }: ApiContext,
  readers: readonly Reader[],
): Promise<void> {
  if (staff?.role !== 'ADMIN' || readers.length === 0) return
  const [first] = readers
  const count = `${readers.length} from ${first?.publicId}`
  await transaction(db, tx =>
    audit(tx, staffActor(staff, requestId), 'reader.read', first?.publicId ?? null, count),
  )
  for (const reader of readers) shown.add(reader.id)
}

import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isObjectType } from 'graphql'
import { publicLimits, staffLimits } from '../src/api/limits'
import { buildPublicSchema, buildStaffSchema } from '../src/api/schema'
import { createApiKey } from '../src/consent/api-keys'
import { openSession } from '../src/consent/reader-sessions'
import { Delivery, DeliveryStatus } from '../src/entities/delivery'
import { DeliveryDecision } from '../src/entities/delivery-decision'
import type { Reader } from '../src/entities/reader'
import { SessionTransport } from '../src/entities/session-transport'
import { StaffUser } from '../src/entities/staff-user'
import { queueNotice } from '../src/notices/queue-notice'
import { transaction } from '../src/transaction'
import { MJML, makeStaff, makeTopic, type Staff } from './support/actors'
import { type AnyData, graphql } from './support/api'
import { makeReaders, unsubscribeToken } from './support/bulk-readers'
import { newsletterOf } from './support/checker'
import {
  makeDataRequests,
  makeImports,
  makeLinks,
  makePolicies,
  makeSuppressions,
  makeThirdParties,
} from './support/many-of-each'
import { type Product, startProduct } from './support/product'
import { type Field, isLeaf, isList } from './support/schema-walk'
import { startNewsletter } from './support/started'

// More than any of the operations below may take in statements: what asks once for each object is found.
const MANY = 15

let product: Product
/** What the root fields are asked for. */
const asked: Record<string, string> = {}
const tokens = { public: '', staff: '' }

beforeAll(async () => {
  product = await startProduct({ worker: false })
  const admin = await makeStaff(product, 'ADMIN')
  tokens.staff = admin.token
  const topics: AnyData[] = []
  for (let n = 0; n < MANY; n++) {
    topics.push(await makeTopic(product, admin, `topic-${n}`))
    await makeStaff(product, 'AUTHOR')
  }
  const readers = await makeReaders(product, MANY, { purposes: topics.map(topic => topic.purpose.key) })
  const reader = readers[0] as Reader
  const newsletterId = await makeNewsletters(admin, topics)
  await makeDataRequests(product, reader, MANY)
  await makeSuppressions(product, readers, (await newsletterOf(product, newsletterId)).id)
  await makeImports(product, admin, 'topic-0', MANY)
  await makePolicies(product, admin, MANY)
  await transaction(product.connections.db, async tx => {
    const expiresAt = new Date(Date.now() + 86_400_000)
    for (let n = 0; n < MANY; n++)
      await createApiKey(tx, { staffId: 1, name: `key ${n}`, scopes: [], expiresAt })
    for (let n = 0; n < MANY; n++) {
      const opened = await openSession(tx, reader, {
        transport: SessionTransport.BEARER,
        device: null,
      })
      tokens.public = opened.token
    }
  })
  await makeThirdParties(product, readers, topics.length)
  await makeLinks(product)
  asked['Query.stats'] =
    'input: { metrics: [VISIT], from: "2025-01-01T00:00:00Z", to: "2025-12-31T00:00:00Z", interval: DAY }'
  asked['Query.newsletter'] = `id: "${newsletterId}"`
  asked['Query.linkToken'] = `token: "${await unsubscribeToken(product, newsletterId, reader)}"`
  asked['Query.topic'] = 'slug: "topic-0"'
  asked['Query.audienceEstimate'] = `input: { topicId: "${topics[0].id}" }`
  asked['Query.mjmlRender'] = `input: { subject: "x", mjml: ${JSON.stringify(MJML)} }`
})
afterAll(() => product?.stop())

/** Newsletters with a test send each that went out to all; of the one answered somebody decided about every delivery. */
async function makeNewsletters(admin: Staff, topics: readonly AnyData[]): Promise<string> {
  const { db } = product.connections
  const { manager } = db
  const { addressHash, id: staffId } = await manager.findOneByOrFail(StaffUser, { id: 1 })
  const test = { kind: 'newsletter-test' as const, addressHash, locale: 'en', staffId }
  let last = { id: 0, publicId: '' }
  for (const topic of topics) {
    const { newsletter } = await startNewsletter(product, admin, topic.id)
    last = newsletter
    await transaction(db, tx => queueNotice(tx, { ...test, newsletterId: last.id }))
    await manager.update(Delivery, { newsletterId: last.id }, { status: DeliveryStatus.SENT })
  }
  const at = new Date()
  const decision = {
    fromStatus: DeliveryStatus.UNKNOWN,
    toStatus: DeliveryStatus.SENT,
    reason: 'x',
    staffId,
    at,
  }
  for (const { readerId } of await manager.findBy(Delivery, { newsletterId: last.id }))
    await manager.insert(DeliveryDecision, { ...decision, newsletterId: last.id, readerId })
  return last.publicId
}

/** The way to a list: each field with the type it belongs to. */
type Step = { type: GraphQLObjectType; field: Field; first?: number }
type Way = { steps: Step[]; isInList: boolean; type: GraphQLObjectType }

const nameOf = ({ type, field }: Step): string => `${type.name}.${field.name}`
const isDear = (field: Field): boolean => Number(field.extensions.complexity ?? 1) > 1
const fieldsOf = (type: GraphQLObjectType): Field[] => Object.values(type.getFields())
/** What only a third party's key may ask: processors.test.ts. */
const isForProcessors = ({ extensions }: Field): boolean => extensions.access === 'PROCESSOR'
/** Fourteen, looked for once a minute whoever asks. */
const isFixed = (step: Step): boolean => nameOf(step) === 'Query.promises'

const isAskable = (step: Step): boolean =>
  nameOf(step) in asked ||
  step.field.args.every(({ type, defaultValue }) => !/!$/.test(String(type)) || defaultValue !== undefined)

const isStaffs = (schema: GraphQLSchema): boolean => schema.getType('StaffUser') !== undefined
/** How many levels an operation may have. */
const depthOf = (schema: GraphQLSchema): number => (isStaffs(schema) ? staffLimits : publicLimits).depth
/** Nobody is a reader and of staff at once. */
const isNobodys = (schema: GraphQLSchema, step: Step): boolean =>
  isStaffs(schema) && nameOf(step) === 'Viewer.reader'

/** A list, an object in each of its objects, and a field of that. */
const BELOW = 3

/** What is dear is asked for of one object: the lists on the way to it have no more. */
const ofOne = (steps: Step[]): Step[] => steps.map(step => ({ ...step, first: 1 }))

/** One step further; undefined where it leads to no object, or nobody can take it. */
function further(schema: GraphQLSchema, way: Way, field: Field): Way | undefined {
  const step = { type: way.type, field }
  const type = getNamedType(field.type)
  if (!isObjectType(type) || !isAskable(step) || isNobodys(schema, step) || isForProcessors(field))
    return undefined
  const isOne = way.isInList && isDear(field)
  return {
    steps: [...(isOne ? ofOne(way.steps) : way.steps), step],
    isInList: (way.isInList && !isOne) || isList(field.type),
    type,
  }
}

/**
 * The shortest way from a query to each object type, through a list where there is one: there it is asked for most. But
 * not through one so deep that the lists of the type could not be asked for their objects' objects.
 */
function waysIn(schema: GraphQLSchema): Map<string, Way> {
  const query = schema.getQueryType() as GraphQLObjectType
  const open: Way[] = [{ steps: [], isInList: false, type: query }]
  const found = new Map<string, Way>()
  const isBetter = (next: Way, known: Way | undefined): boolean =>
    !known || (next.isInList && !known.isInList && next.steps.length + BELOW <= depthOf(schema))
  for (const way of open)
    for (const field of fieldsOf(way.type)) {
      const next = further(schema, way, field)
      if (!next || !isBetter(next, found.get(next.type.name))) continue
      found.set(next.type.name, next)
      open.push(next)
    }
  found.set(query.name, { steps: [], isInList: false, type: query })
  return found
}

type List = { name: string; way: Way; field: Field; depth: number }

/** Every list of the schema that a query can reach, with the way to what it is a field of. */
function listsOf(schema: GraphQLSchema): List[] {
  const ways = waysIn(schema)
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap(type => {
      const way = ways.get(type.name)
      const lists = fieldsOf(type).filter(
        field => isList(field.type) && !isForProcessors(field) && !isFixed({ type, field }),
      )
      return way && !type.name.startsWith('__')
        ? lists.map(field => ({
            name: nameOf({ type, field }),
            way: isDear(field) ? { ...way, steps: ofOne(way.steps) } : way,
            field,
            depth: depthOf(schema),
          }))
        : []
    })
}

const argumentsOf = (step: Step): string => {
  const first = step.field.args.some(({ name }) => name === 'first') ? `first: ${step.first ?? MANY + 1}` : ''
  const all = asked[nameOf(step)] ?? first
  return all && `(${all})`
}

const leavesOf = (type: GraphQLObjectType): string =>
  fieldsOf(type)
    .filter(field => isLeaf(field.type) && !isDear(field) && isAskable({ type, field }))
    .map(field => field.name)
    .join(' ')

/** With the levels it adds, and the types it shows. */
type Selection = { selection: string; levels: number; types: string[] }

/** Asks for the plain fields of a list's items, and then for each object they lead to. */
function selectionsOf(item: GraphQLObjectType): Selection[] {
  const objects = fieldsOf(item).filter(
    field => !isLeaf(field.type) && !isDear(field) && isAskable({ type: item, field }),
  )
  const nested = objects.map(field => {
    const type = getNamedType(field.type) as GraphQLObjectType
    const selection = `${field.name}${argumentsOf({ type: item, field })} { ${leavesOf(type) || '__typename'} }`
    return { selection, levels: 2, types: [item.name, type.name] }
  })
  const plain = leavesOf(item)
  return plain ? [{ selection: plain, levels: 1, types: [item.name] }, ...nested] : nested
}

/** What a type is read from, where that is more than one table of its own. */
const TABLES: Record<string, readonly string[]> = {
  Topic: ['topic', 'purpose', 'words', 'languages of the words'],
  Purpose: ['purpose', 'words'],
  Consent: ['consent', 'purpose', 'words', 'policy', 'material policy', 'words agreed to'],
  TopicPreference: ['topic', 'consent', 'purpose', 'words', 'policy', 'material policy', 'words agreed to'],
  ConsentEvent: ['event', 'words agreed to'],
  PolicyVersion: ['policy', 'which versions'],
  Session: ['session', 'whose'],
  Reader: ['reader', 'suppression'],
  Delivery: ['delivery', 'reader', 'subjects'],
  Suppression: ['suppression', 'reader'],
  Processor: ['processor', 'agreement', 'what for', 'purpose', 'words'],
  DirectoryLink: ['link', 'by', 'processor', 'agreement', 'what for', 'purpose', 'words'],
  Disclosure: ['disclosure', 'processor', 'agreement', 'whether it stands', 'what for', 'purpose', 'words'],
  LawfulDisclosure: ['disclosure', 'reader', 'staff'],
  StatSeries: ['cells'],
  StatPoint: ['cells'],
  DeliveryDecision: ['decision', 'by'],
  TestSend: ['latest', 'notice', 'to'],
  Checklist: ['content', 'topic', 'purpose', 'words'],
  AudienceEstimate: ['topic', 'time', 'consent'],
}

interface Asked {
  query: string
  /** How many times it may look: three for who asks, and one for each table. */
  most: number
}

function operationsFor({ way, field, depth }: List): Asked[] {
  const steps = [...way.steps, { type: way.type, field }]
  const item = getNamedType(field.type)
  const nest = (inner: string): string =>
    `{ ${steps.reduceRight((below, step) => `${step.field.name}${argumentsOf(step)} ${below && `{ ${below} }`}`, inner)} }`
  const onTheWay = steps.map(step => getNamedType(step.field.type).name)
  const selections = isObjectType(item) ? selectionsOf(item) : [{ selection: '', levels: 0, types: [] }]
  const askable = selections.filter(({ levels }) => steps.length + levels <= depth)
  return askable.map(({ selection, types }) => {
    const names = [...onTheWay, ...types].map(name => name.replace(/(Connection|Edge)$/, ''))
    const tables = new Set(names.flatMap(name => TABLES[name] ?? [name]))
    return { query: nest(selection), most: 3 + tables.size }
  })
}

/** How many objects or values an answer has at the end of a way. */
function itemsAt(data: AnyData, names: readonly string[]): number {
  const [name, ...rest] = names
  if (Array.isArray(data)) return data.reduce((sum, one) => sum + itemsAt(one, names), 0)
  if (name === undefined) return data === null || data === undefined ? 0 : 1
  return data ? itemsAt(data[name], rest) : 0
}

/** What is looked up meanwhile: from which tables. */
async function lookUpsOf(run: () => Promise<unknown>): Promise<string[]> {
  const { db } = product.connections
  const { logger } = db
  const lookUps: string[] = []
  const logQuery = (query: string): void => {
    if (query.startsWith('SELECT')) lookUps.push(query.replace(/^SELECT .* FROM /s, '').slice(0, 120))
  }
  db.logger = { ...logger, logQuery } as typeof logger
  await run()
  db.logger = logger
  return lookUps
}

/** Worked out for each object by itself, and priced so that few can be asked for at once. */
const DEAR = [
  'Audience.estimate',
  'Delivery.allowedBy',
  'ImportJob.rejected',
  'Newsletter.checklist',
  'Newsletter.deliveries',
  'Newsletter.preview',
  'Newsletter.progress',
  'Newsletter.report',
  'NewsletterContent.text',
  'Processor.agreements',
  'Query.audienceEstimate',
  'Query.mjmlRender',
  'Query.promises',
  'Query.stats',
  'Reader.consentEvents',
  'Reader.deliveries',
  'Reader.disclosures',
  'Reader.receipt',
  'Topic.readerCount',
  'Viewer.visitorConsent',
]

/** Values without a look-up of their own, of which nobody has many; staff see no reader's sessions and requests there. */
const FEW =
  /^DirectoryLink\.feedback$|^staff (Reader\.(sessions|dataRequests)|Query\.stats)$|^(staff )?VisitorConsent\.decisions$|^(staff )?(AudienceEstimate|SendProgress|NewsletterReport)\.skipped$|^(staff )?NewsletterReport\.links$|^(staff )?(RenderedPreview\.issues|Checklist\.items)$|\.(locales|scopes|allowedActions|dataCategories)$/

interface Seen {
  query: string
  items: number
  isFew: boolean
  most: number
  lookUps: string[]
}

async function ask(list: List, isStaff: boolean): Promise<Seen[]> {
  const token = isStaff ? tokens.staff : tokens.public
  const names = [...list.way.steps.map(({ field }) => field.name), list.field.name]
  const seen: Seen[] = []
  for (const { query, most } of operationsFor(list)) {
    let data: AnyData
    const lookUps = await lookUpsOf(async () => {
      const answer = await graphql(product, query, {}, { token, staff: isStaff })
      expect({ query, errors: answer.errors }).toEqual({ query, errors: undefined })
      data = answer.data
    })
    seen.push({
      query,
      items: itemsAt(data, names),
      isFew: FEW.test(`${isStaff ? 'staff ' : ''}${list.name}`),
      most,
      lookUps,
    })
  }
  return seen
}

describe.each(['public', 'staff'] as const)('%s schema', which => {
  const isStaff = which === 'staff'

  test('no list of it asks the database once for each of its objects', async () => {
    const lists = listsOf(await (isStaff ? buildStaffSchema() : buildPublicSchema()))
    const seen: Seen[] = []
    for (const list of lists) seen.push(...(await ask(list, isStaff)))
    expect(seen.filter(({ lookUps, most }) => lookUps.length > most)).toEqual([])
    expect(seen.filter(({ items, isFew }) => items < MANY && !isFew)).toEqual([])
    expect(lists.length).toBeGreaterThan(isStaff ? 20 : 6)
  })

  test('what no query reaches is an answer to a mutation', async () => {
    const schema = await (isStaff ? buildStaffSchema() : buildPublicSchema())
    const ways = waysIn(schema)
    const unreached = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .map(({ name }) => name)
      .filter(name => !name.startsWith('__') && !ways.has(name))
    expect(unreached).toEqual(
      unreached.filter(name =>
        /(Payload|Error)$|^(Mutation|Subscription|SessionTokens|ErasureNotice|ProcessorRecord(Connection|Edge)?)$/.test(
          name,
        ),
      ),
    )
  })
})

test('what is worked out for each object by itself is dear, and this is all of it', async () => {
  const types = Object.values((await buildStaffSchema()).getTypeMap()).filter(isObjectType)
  const dear = types.flatMap(type =>
    fieldsOf(type)
      .filter(isDear)
      .map(field => nameOf({ type, field })),
  )
  expect(dear.sort()).toEqual(DEAR)
})

// No door hands out addresses in bulk (standards L3): what could is looked for in the schemas, not only in the resolvers.
import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
} from 'graphql'
import { doors } from '../src/api/doors'
import { buildPublicSchema, buildStaffSchema } from '../src/api/schema'
import { runWeinterrupt } from './support/command'

/** A field that shows an address whole. Masked ones are named so. */
const showsAddress = (name: string): boolean =>
  /e-?mail|address/i.test(name) && !/^masked|^fromAddress$/i.test(name)

/** `Type.field` of every address that a list leads to, from any root field. */
function addressesInLists(schema: GraphQLSchema): string[] {
  const found = new Set<string>()
  const seen = new Set<string>()
  const walk = (type: GraphQLObjectType, isInList: boolean, root: string): void => {
    if (seen.has(`${root} ${type.name} ${isInList}`)) return
    seen.add(`${root} ${type.name} ${isInList}`)
    for (const field of Object.values(type.getFields())) {
      const inList = isInList || isList(field.type)
      const next = getNamedType(field.type)
      if (isObjectType(next)) walk(next, inList, root)
      else if (inList && showsAddress(field.name)) found.add(`${root}: ${type.name}.${field.name}`)
    }
  }
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
    for (const field of Object.values(root?.getFields() ?? {})) {
      const next = getNamedType(field.type)
      if (isObjectType(next)) walk(next, isList(field.type), field.name)
    }
  return [...found].sort()
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(getNullableType(type))
}

/** Readers' own address is guarded by its resolver: `Reader.email` of another reader is null to everybody but admins. */
const readersOwn = (path: string): boolean => path.endsWith(': Reader.email')
/** Of staff, who know each other. */
const ofStaff = (path: string): boolean => path.endsWith(': StaffUser.email')

/** To a third party's own key, of readers who said yes to just that, written down: processors.test.ts. */
const toProcessors = (path: string): boolean => path === 'processorRecords: ProcessorRecord.email'

test('no list of the public schema leads to an address', async () => {
  expect(addressesInLists(await buildPublicSchema())).toEqual([])
})

test('no list of the staff schema leads to an address but those of staff and of who agreed to be passed on', async () => {
  const found = addressesInLists(await buildStaffSchema())

  expect(found.filter(path => !ofStaff(path) && !readersOwn(path) && !toProcessors(path))).toEqual([])
  expect(found).toContain('staff: StaffUser.email')
})

test('suppressions and imports show no address at all', async () => {
  const schema = await buildStaffSchema()
  for (const name of ['Suppression', 'ImportJob', 'ImportReject']) {
    const fields = Object.keys((schema.getType(name) as GraphQLObjectType).getFields())
    expect(fields.filter(showsAddress)).toEqual([])
  }
})

test('no HTTP door and no command exports readers or suppressions', async () => {
  const { out } = await runWeinterrupt({}, '--help')

  expect(doors.map(({ path }) => path).filter(path => /readers|suppress|\.csv/.test(path))).toEqual([])
  expect(out).toContain('import')
  expect(out).not.toMatch(/\bexport\b.*\breaders\b/)
})

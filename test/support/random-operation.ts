// Valid operations nobody would think of: any fields of a schema, with any values its types allow, and some they do not.
import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'
import { isLeaf, type Root } from './schema-walk'

/** Where the randomness comes from, so that a failure can be made smaller and had again. */
export interface Draw {
  /** From 0 to below `count`. */
  below(count: number): number
}

const of = <One>(draw: Draw, values: readonly One[]): One => values[draw.below(values.length)] as One
const chance = (draw: Draw, percent: number): boolean => draw.below(100) < percent

export interface Operation {
  query: string
  variables: Record<string, unknown>
}

/** Texts and ids that mean something to the product, by the name of a scalar. */
export type Known = Record<string, readonly unknown[]>

const ODD_TEXTS = [
  '',
  ' ',
  'x',
  '😀',
  'İ',
  '\u0000',
  '\ud800',
  '\r\nBcc: x',
  '../..',
  "' OR 1=1 --",
  '{{name|x}}',
]
const SCALARS: Known = {
  String: [
    ...ODD_TEXTS,
    'a'.repeat(300),
    'ä'.repeat(70_000 / 8),
    '__proto__',
    '1990-05',
    '2030-13',
    '<mjml>',
  ],
  ID: ['', 'x', '01a204a8-3f96-73c9-a3f3-55208d5b8597', '0'.repeat(36)],
  Int: [-2_147_483_648, -1, 0, 1, 2, 50, 100, 101, 2_147_483_647],
  Float: [0, -1, 1.5, 1e308],
  Boolean: [true, false],
  Date: ['2030-01-01', '1970-01-01', '0001-01-01', '9999-12-31'],
  DateTime: ['2030-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'],
  Locale: ['en', 'de', 'zh-Hant', 'xx'],
  TimeZone: ['Europe/Berlin', 'UTC', 'Pacific/Apia'],
}
/** What a type does not allow. */
const WRONG = [null, {}, [], [[]], 'x', -1, true, { a: { b: [1] } }]

const DEPTH = 4

/** Calls this root field, with its arguments in variables or written out. */
export function randomOperation(schema: GraphQLSchema, root: Root, known: Known, draw: Draw): Operation {
  const variables: Record<string, unknown> = {}
  const declared: string[] = []

  const argumentsFor = (all: readonly GraphQLArgument[]): string => {
    const given = all.filter(one => isRequiredArgument(one) || chance(draw, 40))
    const texts = given.map(({ name, type }) => `${name}: ${argument(type)}`)
    return texts.length > 0 ? `(${texts.join(', ')})` : ''
  }
  const argument = (type: GraphQLInputType): string => {
    const value = valueFor(type)
    if (chance(draw, 30)) return written(type, value)
    const name = `v${declared.length}`
    declared.push(`$${name}: ${type.toString()}`)
    variables[name] = chance(draw, 3) ? of(draw, WRONG) : value
    return `$${name}`
  }
  const valueFor = (type: GraphQLInputType): unknown => {
    if (isNonNullType(type)) return valueFor(type.ofType)
    if (chance(draw, 5)) return null
    if (isListType(type)) return Array.from({ length: draw.below(4) }, () => valueFor(type.ofType))
    if (isEnumType(type)) return of(draw, type.getValues()).name
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields())
      const given = fields.filter(field => isRequiredInputField(field) || chance(draw, 60))
      return Object.fromEntries(given.map(field => [field.name, valueFor(field.type)]))
    }
    return of(draw, [...(SCALARS[type.name] ?? []), ...(known[type.name] ?? []), ...(known[type.name] ?? [])])
  }
  const selectionOf = (type: GraphQLOutputType, depth: number): string => {
    const named = getNamedType(type)
    if (!isCompositeType(named)) return ''
    if (isAbstractType(named)) {
      const part = of(draw, schema.getPossibleTypes(named))
      return `{ __typename ... on ${part.name} ${selectionOf(part, depth)} }`
    }
    const fields = Object.values(named.getFields()).filter(field => depth > 0 || isLeaf(field.type))
    const count = Math.min(fields.length, 1 + draw.below(4))
    const chosen = Array.from({ length: count }, () => of(draw, fields))
    const texts = [...new Set(chosen)].map(field => {
      const alias = chance(draw, 8) ? `a${draw.below(3)}${field.name}: ` : ''
      const directive = chance(draw, 5) ? ` @${of(draw, ['include', 'skip'])}(if: ${chance(draw, 50)})` : ''
      const own = argumentsFor(field.args)
      return `${alias}${field.name}${own}${directive} ${selectionOf(field.type, depth - 1)}`
    })
    return `{ ${chance(draw, 10) ? '__typename ' : ''}${texts.join(' ') || '__typename'} }`
  }

  const call = `${root.field.name}${argumentsFor(root.field.args)} ${selectionOf(root.field.type, DEPTH)}`
  const header = declared.length > 0 ? `(${declared.join(', ')})` : ''
  return { query: `${root.kind} ${header} { ${call} }`, variables }
}

/** A value in GraphQL's own notation. */
function written(type: GraphQLInputType, value: unknown): string {
  const bare = getNullableType(type)
  if (value === null || value === undefined) return 'null'
  if (isListType(bare)) return `[${(value as unknown[]).map(one => written(bare.ofType, one)).join(', ')}]`
  if (isEnumType(bare)) return String(value)
  if (isInputObjectType(bare)) {
    const fields = bare.getFields()
    const texts = Object.entries(value).map(([name, one]) => {
      const field = fields[name]
      return field ? `${name}: ${written(field.type, one)}` : ''
    })
    return `{${texts.join(', ')}}`
  }
  return JSON.stringify(value)
}

// What tests that are generated from a schema need of it: its root fields, values it accepts, operations that call it.
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isScalarType,
} from 'graphql'
import type { AccessRule } from '../../src/api/access'

export type Field = GraphQLField<unknown, unknown>

export interface Root {
  kind: 'query' | 'mutation' | 'subscription'
  field: Field
  rule: AccessRule
}

export function rootsOf(schema: GraphQLSchema): Root[] {
  const types = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const
  return types.flatMap(([kind, type]) =>
    Object.values(type?.getFields() ?? {}).map(field => ({
      kind,
      field,
      rule: field.extensions.access as AccessRule,
    })),
  )
}

export const isLeaf = (type: GraphQLOutputType): boolean => isLeafType(getNamedType(type))

export const isList = (type: GraphQLOutputType): boolean => isListType(getNullableType(type))

const SCALARS: Record<string, unknown> = {
  String: 'x',
  ID: '01a204a8-3f96-73c9-a3f3-55208d5b8597',
  Int: 1,
  Float: 1,
  Boolean: true,
  Date: '2030-01-01',
  DateTime: '2030-01-01T00:00:00Z',
  Locale: 'en',
  TimeZone: 'Europe/Berlin',
  URL: 'https://site.example/',
}

/** A value the schema accepts, with nothing in it that may be left out. */
export function sample(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sample(type.ofType)
  if (isListType(type)) return [sample(type.ofType)]
  if (isEnumType(type)) return type.getValues()[0]?.name
  if (isInputObjectType(type)) {
    const required = Object.values(type.getFields()).filter(field => isNonNullType(field.type))
    return Object.fromEntries(required.map(field => [field.name, sample(field.type)]))
  }
  if (isScalarType(type) && type.name in SCALARS) return SCALARS[type.name]
  throw new Error(`No sample for ${type.toString()}`)
}

/** An operation that calls one root field with every argument it needs. */
export function operationFor({ kind, field }: Root): { query: string; variables: Record<string, unknown> } {
  const needed = field.args.filter(isRequiredArgument)
  const declared = needed.map(argument => `$${argument.name}: ${argument.type.toString()}`).join(', ')
  const passed = needed.map(argument => `${argument.name}: $${argument.name}`).join(', ')
  const selection = isLeaf(field.type) ? '' : '{ __typename }'
  return {
    query: `${kind} ${declared && `(${declared})`} { ${field.name}${passed && `(${passed})`} ${selection} }`,
    variables: Object.fromEntries(needed.map(argument => [argument.name, sample(argument.type)])),
  }
}

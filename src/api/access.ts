// Who may call what. Deny by default: a root field or route without a rule stops the start (I12).
import type { Express } from 'express'
import type { GraphQLSchema } from 'graphql'
import { Authorized, Extensions } from 'type-graphql'
import { type ApiScope } from '../entities/api-key'
import { type StaffRole, staffRoles } from '../entities/staff-user'

/**
 * ANYONE: no account. TOKEN: whoever holds the link named in the arguments or the path. READER: a reader who is logged in, for
 * their own data. PROCESSOR: a third party by its key alone, staff neither. Otherwise at least this staff role.
 */
export const accessRules = ['ANYONE', 'TOKEN', 'READER', 'PROCESSOR', ...staffRoles] as const
export type AccessRule = (typeof accessRules)[number]
/** Who can be logged in. */
export type CallerRole = 'READER' | StaffRole

/**
 * Goes on every query, mutation and subscription, and on staff-only fields. `scope` opens it to API keys that have it; a
 * key may call nothing else.
 */
export function Access(rule: AccessRule, scope?: ApiScope): MethodDecorator & PropertyDecorator {
  return (target: object, key: string | symbol, descriptor?: PropertyDescriptor) => {
    Extensions({ access: rule, scope })(target, key, descriptor as PropertyDescriptor)
    const need: AccessNeed[] = scope ? [rule, scope] : [rule]
    Authorized<AccessNeed>(need)(target, key, descriptor as PropertyDescriptor)
  }
}

/** What stands behind a guarded field: its rule, and the scope if there is one. */
export type AccessNeed = AccessRule | ApiScope

/** Whether somebody with this role (undefined: nobody) satisfies the rule. Staff roles are ordered; none is a reader. */
export function isAllowed(role: CallerRole | undefined, rule: AccessRule): boolean {
  if (rule === 'ANYONE' || rule === 'TOKEN') return true
  if (rule === 'PROCESSOR') return false
  if (role === 'READER' || rule === 'READER') return role === rule
  return role !== undefined && staffRoles.indexOf(role) >= staffRoles.indexOf(rule)
}

const words: Record<AccessRule, string> = {
  ANYONE: 'anyone',
  TOKEN: 'whoever holds the token of a mailed link',
  READER: 'readers who are logged in',
  PROCESSOR: 'third parties, by an API key made for them',
  AUTHOR: 'AUTHOR, PUBLISHER and ADMIN',
  PUBLISHER: 'PUBLISHER and ADMIN',
  ADMIN: 'ADMIN',
}

/** Throws naming every root field that has no access rule. */
export function mustHaveAccessRules(schema: GraphQLSchema): void {
  const open = rootFields(schema).filter(({ field }) => !isRule(field.extensions.access))
  if (open.length > 0)
    throw new Error(`Without an access rule: ${open.map(one => `${one.type}.${one.field.name}`).join(', ')}`)
}

/** Writes the access rule of every root field into its description, and so into the published SDL. */
export function describeAccess(schema: GraphQLSchema): void {
  for (const { field } of rootFields(schema)) {
    const who = `Access: ${words[field.extensions.access as AccessRule]}.`
    field.description = [field.description, who].filter(Boolean).join('\n')
  }
}

const rootFields = (schema: GraphQLSchema) =>
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(type =>
    Object.values(type?.getFields() ?? {}).map(field => ({ type, field })),
  )

const isRule = (value: unknown): value is AccessRule => accessRules.includes(value as AccessRule)

/** Throws naming every route of the server whose path has no access rule. */
export function mustHaveRouteRules(app: Express, rules: Readonly<Record<string, AccessRule>>): void {
  const open = routesOf(app).filter(path => !isRule(rules[path]))
  if (open.length > 0) throw new Error(`Without an access rule: ${open.join(', ')}`)
}

/** Every path the server answers, as it was registered. */
export const routesOf = (app: Express): string[] => [
  ...new Set(app.router.stack.flatMap(({ route }) => (route ? [route.path] : []).flat())),
]

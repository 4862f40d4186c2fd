// Who may call what. Deny by default: a root field or route without a rule stops the start (I12).
import type { GraphQLSchema } from 'graphql'
import { Authorized, Extensions } from 'type-graphql'
import { type ApiScope } from '../entities/api-key'
import { type StaffRole, staffRoles } from '../entities/staff-user'

/**
 * ANYONE: no account. TOKEN: whoever holds the mailed link named in the arguments. READER: a reader who is logged in, for
 * their own data. Otherwise at least this staff role.
 */
export const accessRules = ['ANYONE', 'TOKEN', 'READER', ...staffRoles] as const
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
  if (role === 'READER' || rule === 'READER') return role === rule
  return role !== undefined && staffRoles.indexOf(role) >= staffRoles.indexOf(rule)
}

/** Throws naming every root field that has no access rule. */
export function mustHaveAccessRules(schema: GraphQLSchema): void {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const open = roots.flatMap(type =>
    Object.values(type?.getFields() ?? {})
      .filter(field => !accessRules.includes(field.extensions.access as AccessRule))
      .map(field => `${type?.name}.${field.name}`),
  )
  if (open.length > 0) throw new Error(`Without an access rule: ${open.join(', ')}`)
}

// Who may call what. Deny by default: a root field or route without a rule stops the start (I12).
import type { GraphQLSchema } from 'graphql'
import { Authorized, Extensions } from 'type-graphql'
import { type StaffRole, staffRoles } from '../entities/staff-user'

/** ANYONE: no account. TOKEN: whoever holds the mailed link named in the arguments. Otherwise at least this staff role. */
export const accessRules = ['ANYONE', 'TOKEN', ...staffRoles] as const
export type AccessRule = (typeof accessRules)[number]

/** Goes on every query, mutation and subscription, and on staff-only fields. */
export function Access(rule: AccessRule): MethodDecorator & PropertyDecorator {
  return (target: object, key: string | symbol, descriptor?: PropertyDescriptor) => {
    Extensions({ access: rule })(target, key, descriptor as PropertyDescriptor)
    Authorized<AccessRule>(rule)(target, key, descriptor as PropertyDescriptor)
  }
}

/** Whether somebody with this staff role (undefined: nobody) satisfies the rule. Roles are ordered. */
export function isAllowed(role: StaffRole | undefined, rule: AccessRule): boolean {
  if (rule === 'ANYONE' || rule === 'TOKEN') return true
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

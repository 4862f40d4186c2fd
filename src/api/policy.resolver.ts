import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql'
import { policyVersion, policyVersions } from '../consent/policies'
import { PolicyVersion } from '../entities/policy-version'
import { Access } from './access'
import { type Connection, connectionFrom, connectionOf, pageOf } from './connection'
import type { ApiContext } from './context'
import { Locale } from './scalars'

export const PolicyVersionConnection = connectionOf(PolicyVersion, 'PolicyVersion')

@Resolver()
export class PolicyResolver {
  @Query(() => PolicyVersion, {
    nullable: true,
    description: 'The policy in force, or another one that was published by its version.',
  })
  @Access('ANYONE')
  async policy(
    @Ctx() { db, locales, locale }: ApiContext,
    @Arg('version', () => String, { nullable: true }) version?: string | null,
    @Arg('locale', () => Locale, { nullable: true }) wanted?: string | null,
  ): Promise<PolicyVersion | null> {
    const number = version === undefined || version === null ? undefined : versionNumber(version)
    if (number === null) return null
    return (await policyVersion(db.manager, number, wanted ?? locale, locales)) ?? null
  }

  @Query(() => PolicyVersionConnection, {
    description: 'Every version that was published, announced ones too, the newest first.',
  })
  @Access('ANYONE')
  async policies(
    @Ctx() { db, locale, locales }: ApiContext,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<PolicyVersion>> {
    const page = pageOf(first, after)
    const range = { below: page.after, limit: page.limit + 1 }
    const versions = await policyVersions(db.manager, range, locale, locales)
    return connectionFrom(versions, page, version => version.number)
  }
}

/** The number behind a version's name; null for what names none. */
export const versionNumber = (version: string): number | null =>
  /^[1-9]\d{0,8}$/.test(version) ? Number(version) : null

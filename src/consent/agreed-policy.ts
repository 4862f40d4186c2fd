// Under which policy a pending request is confirmed: the one it was made under, unless a material version replaced it since.
import type { EntityManager } from 'typeorm'
import type { PolicyVersion } from '../entities/policy-version'
import type { Registration } from '../entities/registration'
import { select } from '../transaction'
import { siteLocales, siteOf } from './first-start'
import { currentPolicy } from './policies'
import { materialPolicy } from './skip-reason'

/** What a consent event says of a policy. */
export type PolicyMark = Pick<PolicyVersion, 'id' | 'number' | 'hash'>

export interface Policies {
  /** The one that was shown when it was asked for. */
  asked: PolicyMark
  /** The one in force, which has to be shown before it can be confirmed; undefined where that is not needed. */
  toShow: PolicyVersion | undefined
}

export async function policiesOf(
  db: EntityManager,
  { policyVersionId, locale }: Registration,
): Promise<Policies> {
  const [asked] = await select<PolicyMark & { isOld: number }>(
    db,
    `SELECT id, number, hash, number < ${materialPolicy} AS isOld FROM policy_version WHERE id = ?`,
    [policyVersionId],
  )
  if (!asked) throw new Error('A request names a policy that does not exist')
  if (Number(asked.isOld) === 0) return { asked, toShow: undefined }
  return { asked, toShow: await currentPolicy(db, locale, siteLocales(await siteOf(db))) }
}

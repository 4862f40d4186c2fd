// Checks that a client's decisions name the purposes, words and policy that are shown now.
import type { EntityManager } from 'typeorm'
import type { PolicyVersion } from '../entities/policy-version'
import type { RegisteredDecision } from '../entities/registration'
import { currentPolicy } from './policies'
import { shownPurposes } from './purposes'

export interface Decision {
  purposeKey: string
  purposeVersion: number
  granted: boolean
}

export type ReadDecisions =
  | { kind: 'current'; policy: PolicyVersion; decisions: RegisteredDecision[] }
  | { kind: 'stale' }
  | { kind: 'unknown-purpose'; index: number }
  | { kind: 'twice'; index: number }

/** Resolves the decisions; `stale` when the policy or any purpose has newer words than the client showed (DESIGN §6). */
export async function readDecisions(
  db: EntityManager,
  shown: { policyVersion: string; decisions: readonly Decision[]; locale: string },
  siteLocales: readonly string[],
): Promise<ReadDecisions> {
  const policy = await currentPolicy(db, shown.locale, siteLocales)
  const purposes = new Map(
    (await shownPurposes(db, shown.locale, siteLocales)).map(one => [one.purpose.key, one] as const),
  )
  const keys = shown.decisions.map(decision => decision.purposeKey)
  const unknown = keys.findIndex(key => !purposes.has(key))
  if (unknown >= 0) return { kind: 'unknown-purpose', index: unknown }
  const twice = keys.findIndex((key, index) => keys.indexOf(key) !== index)
  if (twice >= 0) return { kind: 'twice', index: twice }
  const decisions: RegisteredDecision[] = []
  for (const decision of shown.decisions) {
    const purpose = purposes.get(decision.purposeKey)
    if (!purpose || purpose.words.version !== decision.purposeVersion) return { kind: 'stale' }
    decisions.push({
      purposeId: purpose.purpose.id,
      purposeVersionId: purpose.words.id,
      granted: decision.granted,
    })
  }
  return shown.policyVersion === policy.version ? { kind: 'current', policy, decisions } : { kind: 'stale' }
}

import type { VNode } from 'preact'
import { message } from '../../messages'

export interface ChangedPolicy {
  version: string
  effectiveAt: Date
  changeSummary: string | null
}

/** What is new in a policy, as far as somebody wrote it, and where all of it can be read. */
export function PolicyNews({ locale, policy }: { locale: string; policy: ChangedPolicy }): VNode {
  const { version, changeSummary } = policy
  return (
    <>
      {changeSummary && <p>{changeSummary}</p>}
      <p>
        <a href={`/privacy/${version}`}>{message(locale, 'renew.policy.read', { version })}</a>
      </p>
    </>
  )
}

// Whether a third party may be given anything now: it is active, and what it signed stands (standards P1, promises P7 and P9).
import type { EntityManager } from 'typeorm'
import { select } from '../transaction'

/**
 * SQL: the agreement a processor (alias `p`) stands under today, or NULL. Standard clauses allow a transfer abroad, and
 * promise no confidentiality by themselves.
 */
export const standingAgreementSql = `(SELECT MAX(a.id) FROM agreement a WHERE a.processor_id = p.id
  AND a.kind IN ('CONFIDENTIALITY', 'DATA_PROCESSING')
  AND a.signed_at <= UTC_DATE() AND (a.expires_at IS NULL OR a.expires_at >= UTC_DATE()))`

/** SQL: the same of an active processor only. */
export const allowedUnderSql = `IF(p.status = 'ACTIVE', ${standingAgreementSql}, NULL)`

/** Those of the ids whose agreement stands, whatever their status. */
export async function withAgreement(db: EntityManager, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set()
  const rows = await select<{ id: number }>(
    db,
    `SELECT p.id FROM processor p WHERE p.id IN (?) AND ${standingAgreementSql} IS NOT NULL`,
    [ids],
  )
  return new Set(rows.map(({ id }) => id))
}

/** This machine itself: a relay on it is the site's own. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/i

/** Those of the hosts that are others' and that no active processor with an agreement answers for. */
export async function hostsWithoutAgreement(db: EntityManager, hosts: readonly string[]): Promise<string[]> {
  const foreign = [...new Set(hosts.map(host => host.toLowerCase()))].filter(host => !LOOPBACK.test(host))
  if (foreign.length === 0) return []
  const rows = await select<{ host: string }>(
    db,
    `SELECT p.service_host AS host FROM processor p
     WHERE p.service_host IN (?) AND ${allowedUnderSql} IS NOT NULL`,
    [foreign],
  )
  const covered = new Set(rows.map(({ host }) => host.toLowerCase()))
  return foreign.filter(host => !covered.has(host))
}

/** The hosts of the configured mail servers. */
export const relayHosts = ({ smtpServers }: { smtpServers: readonly { url: string }[] }): string[] =>
  smtpServers.map(({ url }) => new URL(url).hostname)

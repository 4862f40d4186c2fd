// P7: providers only help us. P8: no selling, trading, transfer. P9: under confidentiality.
import { SENDABLE } from '../../consent/skip-reason'
import { select } from '../../transaction'
import { hostsWithoutAgreement, relayHosts, standingAgreementSql } from '../agreements'
import { type Found, type PromiseMeans, wrong } from './kept'
import { figures } from './mail'

const latest = '(SELECT * FROM disclosure ORDER BY id DESC LIMIT 1000)'

/** Whatever was passed was for a purpose that is consented to by itself, and to who has one. */
export async function onlyHelpers({ db: { manager } }: PromiseMeans): Promise<Found> {
  const [found] = await select<Record<'processors' | 'active' | 'passings' | 'without', number>>(
    manager,
    `SELECT (SELECT COUNT(*) FROM processor WHERE status <> 'DRAFT') AS processors,
       (SELECT COUNT(*) FROM processor WHERE status = 'ACTIVE') AS active,
       (SELECT COUNT(*) FROM disclosure) AS passings,
       (SELECT COUNT(*) FROM ${latest} d LEFT JOIN purpose u ON u.id = d.purpose_id
          LEFT JOIN processor p ON p.id = d.processor_id
        WHERE p.id IS NULL OR u.id IS NULL OR u.kind <> 'THIRD_PARTY_PROCESSING') AS without`,
  )
  const { without = 0, ...rest } = figures(found)
  return { figures: rest, broken: wrong(['promise.broken.otherPurpose', without]) }
}

/** Every passing is written down whole, of people who had said yes to it. */
export async function nothingSold({ db: { manager } }: PromiseMeans): Promise<Found> {
  const [found] = await select<Record<'passings' | 'people' | 'uneven' | 'unasked', number>>(
    manager,
    `SELECT (SELECT COUNT(*) FROM disclosure) AS passings, (SELECT COUNT(*) FROM disclosed_reader) AS people,
       (SELECT COUNT(*) FROM ${latest} d WHERE d.record_count <>
          (SELECT COUNT(*) FROM disclosed_reader x WHERE x.disclosure_id = d.id)) AS uneven,
       (SELECT COUNT(*) FROM ${latest} d JOIN disclosed_reader x ON x.disclosure_id = d.id
          JOIN reader r ON r.id = x.reader_id
        WHERE NOT COALESCE((SELECT e.to_state IN ${SENDABLE} FROM consent_event e
          WHERE e.principal = r.public_id AND e.purpose_id = d.purpose_id AND e.at <= d.at
          ORDER BY e.position DESC LIMIT 1), FALSE)) AS unasked`,
  )
  const { uneven = 0, unasked = 0, ...rest } = figures(found)
  return {
    figures: rest,
    broken: wrong(['promise.broken.uneven', uneven], ['promise.broken.passedUnasked', unasked]),
  }
}

/** Who is at work for the site has signed, and what was passed was passed while that held. */
export async function underAgreement({ db: { manager }, config }: PromiseMeans): Promise<Found> {
  const unsigned = await select<{ name: string }>(
    manager,
    `SELECT p.name FROM processor p WHERE p.status = 'ACTIVE' AND ${standingAgreementSql} IS NULL`,
  )
  const [found] = await select<Record<'agreements' | 'outside', number>>(
    manager,
    `SELECT (SELECT COUNT(*) FROM agreement) AS agreements,
       (SELECT COUNT(*) FROM ${latest} d LEFT JOIN agreement a ON a.id = d.agreement_id
        WHERE a.id IS NULL OR a.processor_id <> d.processor_id OR a.signed_at > DATE(d.at)
          OR a.expires_at < DATE(d.at)) AS outside`,
  )
  const hosts = relayHosts(config)
  const { outside = 0, ...rest } = figures(found)
  return {
    figures: { ...rest, servers: new Set(hosts).size },
    broken: wrong(
      ['promise.broken.unsigned', unsigned.map(({ name }) => name).join(', ')],
      ['promise.broken.outside', outside],
      ['promise.broken.relay', (await hostsWithoutAgreement(manager, hosts)).join(', ')],
    ),
  }
}

// The record of processing activities (Art. 30 GDPR), made from the declarations, the site and the configuration.
import { Duration } from 'luxon'
import type { DataSource } from 'typeorm'
import type { Config } from '../config'
import { siteLocales, siteOf } from '../consent/first-start'
import { shownPurposes } from '../consent/purposes'
import type { PurposeKind } from '../entities/purpose'
import { declaredKinds, keptInWords } from './retention/declared'
import { periodsOf, type RetentionSettings } from './retention/periods'

export interface ProcessingRecord {
  madeAt: string
  controller: { name: string; postalAddress: string; contact: string; url: string }
  /** What only the operator knows: nobody may take the record for complete without it. */
  toBeAdded: readonly string[]
  purposes: readonly { key: string; kind: PurposeKind; title: string; legalBasis: string }[]
  personalData: readonly RecordedKind[]
  recipients: readonly { who: string; what: string; why: string }[]
  transfersToThirdCountries: string
  security: readonly string[]
}

export interface RecordedKind {
  about: 'readers' | 'staff'
  what: string
  why: string
  kept: string
  /** ISO 8601 where a time ends it. */
  period: string | null
  /** `table.column`. */
  columns: readonly string[]
}

type Settings = RetentionSettings & Pick<Config, 'postalAddress' | 'publicUrl' | 'smtpServers'>

const TO_BE_ADDED = [
  'the controller’s representative and data protection officer, where there are any (Art. 30(1)(a))',
  'who runs the servers, the database and its backups, and in which country, with the agreement (Art. 28)',
  'for how long backups are kept: what is deleted here is in them until then',
]

/** What the software itself does; standards §8 and DESIGN I8–I12. */
const SECURITY = [
  'E-mail addresses and names are encrypted at rest (AES-256-GCM); look-ups use a keyed hash (HMAC-SHA-256).',
  'The running processes have rights per table; evidence can be added and neither changed nor removed by them.',
  'Each reader’s consent events form a SHA-256 chain.',
  'No address, name or token in logs, job queues, error answers or audit reasons.',
  'Staff: roles, argon2id passwords, second factor, an audit event for each change.',
  'Deletion by time, by this record’s own periods; erasure on request; a restored backup sends nothing until what was withdrawn since is withdrawn again.',
]

/** Collects the record as it is now. It holds nothing of any person but the contact that is published. */
export async function recordOf(db: DataSource, settings: Settings): Promise<ProcessingRecord> {
  const site = await siteOf(db.manager)
  const locales = siteLocales(site)
  const purposes = await shownPurposes(db.manager, 'en', locales)
  return {
    madeAt: new Date().toISOString(),
    controller: {
      name: site.name,
      postalAddress: settings.postalAddress,
      contact: site.contact,
      url: settings.publicUrl.origin,
    },
    toBeAdded: TO_BE_ADDED,
    purposes: purposes.map(({ purpose: { key, kind }, words: { title } }) => ({
      key,
      kind,
      title,
      legalBasis: 'consent, Art. 6(1)(a) GDPR',
    })),
    personalData: recordedKinds(db, settings),
    recipients: settings.smtpServers.map(({ url }) => ({
      who: new URL(url).host,
      what: 'e-mail address, and the mail itself',
      why: 'hands the mail on to the person’s mail provider',
    })),
    transfersToThirdCountries: 'none by the software itself, but for a recipient above that is in one',
    security: SECURITY,
  }
}

function recordedKinds(db: DataSource, settings: RetentionSettings): RecordedKind[] {
  const periods = periodsOf(settings)
  return declaredKinds().map(({ about, what, why, kept, columns }) => {
    const period = periods[kept]
    return {
      about,
      what,
      why,
      kept: keptInWords('en', kept, periods),
      period: period && Duration.fromObject(period).toISO(),
      columns: columns.map(({ entity, property }) => {
        const { tableName, columns: all } = db.getMetadata(entity)
        return `${tableName}.${all.find(one => one.propertyName === property)?.databaseName}`
      }),
    }
  })
}

// One look-up per type and request, however many objects ask (DataLoader).
import DataLoader from 'dataloader'
import { type DataSource, type EntityManager, In } from 'typeorm'
import { materialVersion } from '../consent/policies'
import { currentWords, type ShownPurpose } from '../consent/purposes'
import { staffSessionsOf } from '../consent/staff-session'
import { Consent } from '../entities/consent'
import { ConsentEvent } from '../entities/consent-event'
import { DeliveryDecision } from '../entities/delivery-decision'
import { Newsletter } from '../entities/newsletter'
import { NewsletterContent } from '../entities/newsletter-content'
import { NewsletterRendition } from '../entities/newsletter-rendition'
import { Notice } from '../entities/notice'
import { PolicyVersion } from '../entities/policy-version'
import { Purpose } from '../entities/purpose'
import { PurposeVersion } from '../entities/purpose-version'
import { Reader } from '../entities/reader'
import type { StaffSession } from '../entities/staff-session'
import { StaffUser } from '../entities/staff-user'
import { Suppression } from '../entities/suppression'
import { Topic } from '../entities/topic'
import { type ClickReport, clicksOf } from '../privacy/clicks'
import { type FeedbackComment, type FeedbackSum, latestComments, sumFeedback } from '../privacy/link-feedback'
import { select } from '../transaction'

export interface Loaders {
  topic: DataLoader<number, Topic | undefined>
  topicOfPurpose: DataLoader<number, Topic | undefined>
  /** The first so many topics. */
  allTopics: DataLoader<number, Topic[]>
  staff: DataLoader<number, StaffUser | undefined>
  staffByPublicId: DataLoader<string, StaffUser | undefined>
  staffSessions: DataLoader<number, StaffSession[]>
  reader: DataLoader<number, Reader | undefined>
  readerByHash: DataLoader<Buffer, Reader | undefined, string>
  newsletter: DataLoader<number, Newsletter | undefined>
  contents: DataLoader<number, NewsletterContent[]>
  /** The latest test sends of a newsletter, newest first. */
  tests: DataLoader<number, Notice[]>
  policy: DataLoader<number, PolicyVersion | undefined>
  /** The number of the last material policy version in force. */
  materialPolicy: () => Promise<number>
  /** Purposes with their words, by locale and id. */
  purpose: DataLoader<{ id: number; locale: string }, ShownPurpose | undefined, string>
  /** In which locales a purpose has its current words. */
  purposeLocales: DataLoader<number, string[]>
  /** Everything a reader was asked. */
  consents: DataLoader<number, Consent[]>
  /** The words of a purpose as they were shown. */
  words: DataLoader<number, PurposeVersion | undefined>
  /** Every yes of a reader, by public id, oldest first. */
  yeses: DataLoader<string, ConsentEvent[]>
  /** Languages and subjects of a newsletter that was sent. */
  subjects: DataLoader<number, SentSubject[]>
  isSuppressed: DataLoader<Buffer, boolean, string>
  /** How often the links of a newsletter were pressed. */
  clicks: DataLoader<number, ClickReport>
  /** What was said about a link of the directory. */
  feedback: DataLoader<number, FeedbackSum[]>
  comments: DataLoader<number, FeedbackComment[]>
  decisions: DataLoader<DeliveryKey, DeliveryDecision[], string>
}

export type SentSubject = Pick<NewsletterRendition, 'newsletterId' | 'locale' | 'subject'>

interface DeliveryKey {
  newsletterId: number
  readerId: number
}

export function createLoaders(db: DataSource, locales: readonly string[]): Loaders {
  const byId = <Row extends { id: number }>(entity: new () => Row) =>
    new DataLoader<number, Row | undefined>(async ids => {
      const rows = await db.manager.find<Row>(entity, { where: { id: In([...ids]) } as never })
      return ids.map(id => rows.find(row => row.id === id))
    })
  let material: Promise<number> | undefined
  return {
    topic: byId(Topic),
    clicks: new DataLoader(ids => clicksOf(db.manager, ids)),
    feedback: new DataLoader(async ids => {
      const sums = await sumFeedback(db.manager, ids)
      return ids.map(id => sums.filter(({ linkId }) => linkId === id))
    }),
    comments: new DataLoader(async ids => {
      const comments = await latestComments(db.manager, ids)
      return ids.map(id => comments.filter(({ linkId }) => linkId === id))
    }),
    staff: byId(StaffUser),
    staffByPublicId: new DataLoader(async ids => {
      const rows = await db.manager.findBy(StaffUser, { publicId: In([...ids]) })
      return ids.map(id => rows.find(row => row.publicId === id))
    }),
    reader: byId(Reader),
    readerByHash: new DataLoader(
      async hashes => {
        const rows = await db.manager.findBy(Reader, { addressHash: In([...hashes]) })
        return hashes.map(hash => rows.find(row => row.addressHash?.equals(hash)))
      },
      { cacheKeyFn: hash => hash.toString('hex') },
    ),
    newsletter: byId(Newsletter),
    contents: new DataLoader(async ids => {
      const rows = await db.manager.find(NewsletterContent, {
        where: { newsletterId: In([...ids]) },
        order: { locale: 'ASC' },
      })
      return ids.map(id => rows.filter(row => row.newsletterId === id))
    }),
    tests: new DataLoader(async ids => {
      const rows = await latestTests(db.manager, ids)
      return ids.map(id => rows.filter(row => row.newsletterId === id))
    }),
    policy: byId(PolicyVersion),
    words: byId(PurposeVersion),
    yeses: new DataLoader(async principals => {
      const rows = await db.manager.find(ConsentEvent, {
        where: { principal: In([...principals]), toState: In(['ConsentGiven', 'RenewedConsentGiven']) },
        order: { position: 'ASC' },
      })
      return principals.map(principal => rows.filter(row => row.principal === principal))
    }),
    subjects: new DataLoader(async ids => {
      const rows = await db.manager.find(NewsletterRendition, {
        select: { newsletterId: true, locale: true, subject: true },
        where: { newsletterId: In([...ids]) },
      })
      return ids.map(id => rows.filter(row => row.newsletterId === id))
    }),
    materialPolicy: () => (material ??= materialVersion(db.manager)),
    staffSessions: new DataLoader(async ids => {
      const sessions = await staffSessionsOf(db.manager, ids)
      return ids.map(id => sessions.filter(session => session.staffId === id))
    }),
    topicOfPurpose: new DataLoader(async ids => {
      const rows = await db.manager.findBy(Topic, { purposeId: In([...ids]) })
      return ids.map(id => rows.find(row => row.purposeId === id))
    }),
    allTopics: new DataLoader(async counts =>
      Promise.all(counts.map(take => db.manager.find(Topic, { order: { id: 'ASC' }, take }))),
    ),
    purpose: new DataLoader(keys => shownPurposesOf(db.manager, keys, locales), {
      cacheKeyFn: key => `${key.locale}:${key.id}`,
    }),
    purposeLocales: new DataLoader(async ids => {
      const rows = await select<{ purpose_id: number; locale: string }>(
        db.manager,
        `SELECT v.purpose_id, v.locale FROM purpose_version v
         JOIN purpose p ON p.id = v.purpose_id AND p.current_version = v.version WHERE p.id IN (?) ORDER BY v.id`,
        [ids],
      )
      return ids.map(id => rows.filter(row => row.purpose_id === id).map(row => row.locale))
    }),
    consents: new DataLoader(async ids => {
      const rows = await db.manager.find(Consent, {
        where: { readerId: In([...ids]) },
        order: { purposeId: 'ASC' },
      })
      return ids.map(id => rows.filter(row => row.readerId === id))
    }),
    isSuppressed: new DataLoader(
      async hashes => {
        const rows = await db.manager.findBy(Suppression, { addressHash: In([...hashes]) })
        return hashes.map(hash => rows.some(row => row.addressHash.equals(hash)))
      },
      { cacheKeyFn: hash => hash.toString('hex') },
    ),
    decisions: new DataLoader(keys => decisionsOf(db.manager, keys), {
      cacheKeyFn: key => `${key.newsletterId}:${key.readerId}`,
    }),
  }
}

const SHOWN_TESTS = 20

async function latestTests(db: EntityManager, newsletterIds: readonly number[]): Promise<Notice[]> {
  const latest = await select<{ id: number }>(
    db,
    `SELECT id FROM (
       SELECT id, ROW_NUMBER() OVER (PARTITION BY newsletter_id ORDER BY id DESC) AS place
       FROM notice WHERE newsletter_id IN (?) AND kind = 'newsletter-test') test WHERE place <= ?`,
    [newsletterIds, SHOWN_TESTS],
  )
  return latest.length > 0
    ? db.find(Notice, { where: { id: In(latest.map(({ id }) => id)) }, order: { id: 'DESC' } })
    : []
}

async function decisionsOf(db: EntityManager, keys: readonly DeliveryKey[]): Promise<DeliveryDecision[][]> {
  const newsletterId = In([...new Set(keys.map(key => key.newsletterId))])
  const readerId = In(keys.map(key => key.readerId))
  const rows = await db.find(DeliveryDecision, { where: { newsletterId, readerId }, order: { id: 'ASC' } })
  return keys.map(key =>
    rows.filter(row => row.newsletterId === key.newsletterId && row.readerId === key.readerId),
  )
}

async function shownPurposesOf(
  db: EntityManager,
  keys: readonly { id: number; locale: string }[],
  locales: readonly string[],
): Promise<(ShownPurpose | undefined)[]> {
  const purposes = await db.findBy(Purpose, { id: In([...new Set(keys.map(key => key.id))]) })
  const asked = [...new Set(keys.map(key => key.locale))]
  const byLocale = new Map<string, Awaited<ReturnType<typeof currentWords>>>()
  for (const locale of asked) byLocale.set(locale, await currentWords(db, purposes, locale, locales))
  return keys.map(key => {
    const purpose = purposes.find(one => one.id === key.id)
    const words = byLocale.get(key.locale)?.get(key.id)
    return purpose && words ? { purpose, words } : undefined
  })
}

// The final tables as facts.
import { Consent } from '../../src/entities/consent'
import { ConsentEvent } from '../../src/entities/consent-event'
import { Delivery } from '../../src/entities/delivery'
import { DeliveryRange } from '../../src/entities/delivery-range'
import { DeliveryRetry } from '../../src/entities/delivery-retry'
import { Newsletter } from '../../src/entities/newsletter'
import { NewsletterRendition } from '../../src/entities/newsletter-rendition'
import { Topic } from '../../src/entities/topic'
import { contentHash } from '../../src/newsletters/content-hash'
import { topicWords } from '../../src/newsletters/preview'
import { contentsOf } from '../../src/newsletters/write'
import type { KnownReader } from './bulk-readers'
import type { Facts, NewsletterFact } from './facts'
import { approvedSkeletons } from './message-facts'
import type { Product } from './product'

export type Tables = Omit<Facts, 'messages' | 'skeletons' | 'calls'>

/** Everything about the newsletters that have started, or only about the one named. */
export async function loadTables(
  product: Product,
  readers: readonly KnownReader[],
  publicId?: string,
): Promise<Tables> {
  const { manager } = product.connections.db
  const all = await manager.findBy(Newsletter, publicId ? { publicId } : {})
  const newsletters = all.filter(({ startedAt, status }) => startedAt !== null || status !== 'DRAFT')
  const ofThese = <Row extends { newsletterId: number }>(rows: Row[]) =>
    rows.filter(row => newsletters.some(({ id }) => id === row.newsletterId))
  const where = newsletters.length === 1 ? { newsletterId: newsletters[0]?.id } : {}
  const events = await manager.find(ConsentEvent, { order: { position: 'ASC' } })
  return {
    readers: readers.map(({ id, publicId, reference, email, name }) => ({
      id,
      publicId,
      reference: reference.toString('hex'),
      email,
      name,
    })),
    events: events.map(({ principal, purposeId, toState, at }) => ({
      principal,
      purposeId,
      toState,
      at: at.getTime(),
    })),
    consents: await manager.find(Consent, { select: { readerId: true, purposeId: true, state: true } }),
    newsletters: await Promise.all(newsletters.map(newsletter => newsletterFact(product, newsletter))),
    deliveries: ofThese(
      await manager.find(Delivery, {
        select: { newsletterId: true, readerId: true, status: true, skipReason: true },
        where,
      }),
    ),
    ranges: ofThese(await manager.findBy(DeliveryRange, where)).map(({ newsletterId, doneAt }) => ({
      newsletterId,
      isDone: doneAt !== null,
    })),
    retries: ofThese(await manager.findBy(DeliveryRetry, where)).map(({ newsletterId, readerId }) => ({
      newsletterId,
      readerId,
    })),
    caps: (await manager.find(Topic)).map(({ id, maxIssues, perDays }) => ({
      topicId: id,
      maxIssues,
      perDays,
    })),
  }
}

async function newsletterFact(product: Product, newsletter: Newsletter): Promise<NewsletterFact> {
  const { connections, config } = product
  const { manager } = connections.db
  const locale = config.locales[0] ?? 'en'
  const { topic, words } = await topicWords(manager, newsletter.topicId, locale, config.locales)
  const renditions = await manager.findBy(NewsletterRendition, { newsletterId: newsletter.id })
  const values = { site: config.siteName, topic: words.title, publicUrl: config.publicUrl }
  return {
    id: newsletter.id,
    publicId: newsletter.publicId,
    reference: newsletter.reference.toString('hex'),
    topicId: newsletter.topicId,
    purposeId: topic.purposeId,
    status: newsletter.status,
    sendAt: newsletter.sendAt?.getTime() ?? null,
    startedAt: newsletter.startedAt?.getTime() ?? null,
    finishedAt: newsletter.finishedAt?.getTime() ?? null,
    approvedHash: newsletter.approvedHash?.toString('hex') ?? null,
    contentHash: contentHash(newsletter, await contentsOf(manager, newsletter.id)).toString('hex'),
    skeletons: renditions.flatMap(row => approvedSkeletons(connections.keyring, row, values)),
  }
}

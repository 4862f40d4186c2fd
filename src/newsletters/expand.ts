// The start of a newsletter: content frozen and rendered once, one delivery row for every reader it owes an account.
import type { DataSource, EntityManager } from 'typeorm'
import { isHeld } from '../consent/hold'
import { lockPurposes } from '../consent/purposes'
import { isSiteStopped } from '../consent/site-switch'
import { audienceSql, skipReasonSql } from '../consent/skip-reason'
import { type AudienceSql, createRanges } from '../deliveries/create-ranges'
import { hasChunks, planChunks } from '../deliveries/plan-chunks'
import { Newsletter, NewsletterStatus, PauseReason } from '../entities/newsletter'
import { NewsletterRendition } from '../entities/newsletter-rendition'
import { Topic } from '../entities/topic'
import { step } from '../steps'
import { databaseTime, transaction } from '../transaction'
import { renderAll } from './check'
import { contentHash } from './content-hash'
import { isCancelledOpen } from './finish'
import { keepLinks } from './keep-links'
import type { SenderFacts } from './preview'
import { contentsOf, lockNewsletter } from './write'

interface StartFacts extends SenderFacts {
  /** The first one makes the tokens of its mails. */
  secretKeys: readonly { id: number }[]
}

/** DESIGN I14: more than two hours late is for a person to decide. */
const LATE_MS = 2 * 3_600_000
/** Connections that make rows at the same time. Measured on 2 cores: 4 are no faster than 2. */
const LANES = 2

/**
 * Starts the newsletter if it is due, then creates its deliveries range by range. Safe to run again and by several
 * workers at once; answers whether it is ready for claiming.
 */
export async function expand(db: DataSource, id: number, facts: StartFacts): Promise<boolean> {
  const found = await db.manager.findOneBy(Newsletter, { id })
  if (found?.status === NewsletterStatus.SCHEDULED) await start(db, found, facts)
  const newsletter = await db.manager.findOneBy(Newsletter, { id })
  // Cancelled while it was expanded: everybody gets a row all the same (I2).
  if (!newsletter?.startedAt) return false
  if (newsletter.status !== NewsletterStatus.SENDING && !isCancelledOpen(newsletter)) return false
  if (newsletter.expandedAt) return true
  const topic = await db.manager.findOneByOrFail(Topic, { id: newsletter.topicId })
  const audience = {
    purposeId: topic.purposeId,
    condition: audienceSql,
    parameters: [newsletter.startedAt, newsletter.startedAt],
    skipReason: skipReasonSql,
  }
  step('expand.before', { newsletterId: id })
  while (await transaction(db, tx => planChunks(tx, id, topic.purposeId)))
    step('expand.planned', { newsletterId: id })
  await Promise.all(Array.from({ length: LANES }, () => createAll(db, id, audience)))
  const isExpanded = await transaction(db, tx => end(tx, id))
  step('expand.after', { newsletterId: id })
  return isExpanded
}

/** Chunk after chunk, until none is free. */
async function createAll(db: DataSource, id: number, audience: AudienceSql): Promise<void> {
  while (await transaction(db, tx => createRanges(tx, id, audience)))
    step('expand.middle', { newsletterId: id })
}

/** Notes that every row is there; false while another worker is still at a chunk, since that one will. */
async function end(tx: EntityManager, id: number): Promise<boolean> {
  const { expandedAt } = await lockNewsletter(tx, id)
  if (expandedAt) return true
  if (await hasChunks(tx, id)) return false
  await tx.update(Newsletter, id, { expandedAt: await databaseTime(tx) })
  return true
}

/**
 * scheduled → sending, at most once, never early, only the approved content, never silently late, and not while the
 * site is stopped: it then stays scheduled, and the start of the site decides whether it is too late.
 */
async function start(db: DataSource, newsletter: Newsletter, facts: StartFacts): Promise<void> {
  const contents = await contentsOf(db.manager, newsletter.id)
  const rendered = await renderAll(db.manager, newsletter.topicId, contents, facts)
  const tokenKeyId = facts.secretKeys[0]?.id ?? null
  await transaction(db, async tx => {
    if (await isSiteStopped(tx)) return
    if (await isHeld(tx, 'LOCK IN SHARE MODE')) return
    const locked = await lockNewsletter(tx, newsletter.id)
    if (locked.status !== NewsletterStatus.SCHEDULED || !locked.sendAt) return
    const topic = await tx.findOneByOrFail(Topic, { id: locked.topicId })
    await lockPurposes(tx, [topic.purposeId], 'pessimistic_write')
    const now = await databaseTime(tx)
    if (locked.sendAt > now) return
    const isApproved = locked.approvedHash?.equals(contentHash(locked, contents)) ?? false
    const broken = rendered.find(one => one.rendered.issues.length > 0)
    const problem = problemOf(locked.sendAt, now, isApproved, broken?.rendered.issues[0]?.message)
    if (problem) {
      Object.assign(locked, { status: NewsletterStatus.PAUSED, ...problem })
    } else {
      await tx.upsert(NewsletterRendition, rendered.map(renditionOf), ['newsletterId', 'locale'])
      await keepLinks(
        tx,
        newsletter.id,
        rendered.map(one => one.rendered.html),
      )
      Object.assign(locked, { status: NewsletterStatus.SENDING, startedAt: now, tokenKeyId })
    }
    step('start.before', { newsletterId: newsletter.id })
    await tx.save(locked)
  })
  step('start.after', { newsletterId: newsletter.id })
}

function problemOf(sendAt: Date, now: Date, isApproved: boolean, broken: string | undefined) {
  if (now.getTime() - sendAt.getTime() > LATE_MS)
    return { pauseReason: PauseReason.LATE, pauseDetail: `Was due at ${sendAt.toISOString()}` }
  if (!isApproved)
    return {
      pauseReason: PauseReason.RENDER_ERROR,
      pauseDetail: 'The content is not the one that was approved',
    }
  if (broken) return { pauseReason: PauseReason.RENDER_ERROR, pauseDetail: broken }
  return undefined
}

const renditionOf = ({ content, rendered }: Awaited<ReturnType<typeof renderAll>>[number]) => ({
  newsletterId: content.newsletterId,
  locale: content.locale,
  subject: rendered.subject,
  preheader: rendered.preheader || null,
  html: rendered.html,
  text: rendered.text,
})

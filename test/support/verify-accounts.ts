// I2 and I7: everybody of the audience, and nobody else, has exactly one account, and it tells what happened.
import type { DeliveryFact, EventFact, NewsletterFact, ReaderFact } from './facts'
import { deliveryIdOf, grouped, type Index, keyOf, type Violation } from './verify-index'

const DAY = 86_400_000
const CONSENT_MONTHS = 24
const GIVEN = ['ConsentGiven', 'RenewedConsentGiven']

export interface Span {
  from: number
  until: number
}

/** When consent for the purpose stood, by the events alone. */
export function standing(events: readonly EventFact[], purposeId: number): Span[] {
  const spans: Span[] = []
  for (const event of events.filter(one => one.purposeId === purposeId)) {
    const last = spans.at(-1)
    if (last && event.at < last.until) last.until = event.at
    if (!GIVEN.includes(event.toState)) continue
    const expiry = new Date(event.at)
    expiry.setUTCMonth(expiry.getUTCMonth() + CONSENT_MONTHS)
    spans.push({ from: event.at, until: expiry.getTime() })
  }
  return spans
}

export const spansOf = (index: Index, reader: ReaderFact, newsletter: NewsletterFact): Span[] =>
  standing(index.events.get(reader.publicId) ?? [], newsletter.purposeId)

/** Whose consent stood at the start, or ended in the 90 days before. */
const isOwed = (spans: readonly Span[], startedAt: number): boolean =>
  spans.some(({ from, until }) => from <= startedAt && until > startedAt - 90 * DAY)

export function checkAccounts(index: Index): Violation[] {
  const byNewsletter = grouped(index.facts.deliveries, row => String(row.newsletterId))
  return index.facts.newsletters
    .filter(({ startedAt }) => startedAt !== null)
    .flatMap(newsletter => {
      const rows = byNewsletter.get(String(newsletter.id)) ?? []
      return [
        ...endOf(index, newsletter),
        ...audienceOf(index, newsletter, rows),
        ...rows.flatMap(row => rowProblems(index, newsletter, row)),
      ]
    })
}

function endOf({ facts }: Index, newsletter: NewsletterFact): Violation[] {
  const say = (problem: string): Violation => whole(newsletter, problem)
  const isOf = ({ newsletterId }: { newsletterId: number }) => newsletterId === newsletter.id
  return [
    ...(newsletter.finishedAt === null ? [say(`it never ended: ${newsletter.status}`)] : []),
    ...(facts.ranges.some(range => isOf(range) && !range.isDone) ? [say('a range is not done')] : []),
    ...facts.retries.filter(isOf).map(({ readerId }) => say(`reader ${readerId} still waits for a retry`)),
  ]
}

function audienceOf(index: Index, newsletter: NewsletterFact, rows: readonly DeliveryFact[]): Violation[] {
  const { startedAt } = newsletter
  if (startedAt === null) return []
  const have = new Set(rows.map(row => row.readerId))
  const owed = index.facts.readers.filter(reader => isOwed(spansOf(index, reader, newsletter), startedAt))
  const ids = new Set(owed.map(reader => reader.id))
  return [
    ...owed
      .filter(reader => !have.has(reader.id))
      .map(reader => about(newsletter, reader, 'has no row, but belongs to the audience')),
    ...rows
      .filter(row => !ids.has(row.readerId))
      .map(row => whole(newsletter, `reader ${row.readerId} has a row, but is not of the audience`)),
    ...(have.size < rows.length ? [whole(newsletter, 'a reader has two rows')] : []),
  ]
}

function rowProblems(index: Index, newsletter: NewsletterFact, row: DeliveryFact): Violation[] {
  const reader = index.readers.get(row.readerId)
  const say = (problem: string) =>
    reader ? [about(newsletter, reader, problem)] : [whole(newsletter, `reader ${row.readerId} ${problem}`)]
  const kept = index.kept.get(keyOf(newsletter.id, row.readerId)) ?? []
  if (row.status === 'queued' || row.status === 'sending') return say(`is still ${row.status}`)
  if ((row.skipReason === null) === (row.status === 'skipped'))
    return say(`is ${row.status} with reason ${row.skipReason}`)
  if (kept.length > 0 && row.status !== 'sent' && row.status !== 'unknown')
    return say(`is ${row.status}, but a message was completed`)
  return []
}

/** I7, after a run in which nothing but Redis was disturbed: everybody has got it, or has left. */
export function checkUndisturbed({ facts, newsletters, readers }: Index): Violation[] {
  const byId = new Map([...newsletters.values()].map(one => [one.id, one]))
  return facts.deliveries.flatMap(row => {
    const newsletter = byId.get(row.newsletterId)
    const reader = readers.get(row.readerId)
    if (!newsletter || !reader || row.status === 'sent' || row.status === 'skipped') return []
    return [
      {
        ...about(newsletter, reader, `is ${row.status}, although only Redis was disturbed`),
        invariant: 'I7',
      },
    ]
  })
}

const whole = (newsletter: NewsletterFact, problem: string): Violation => ({
  invariant: 'I2',
  newsletter: newsletter.publicId,
  delivery: null,
  problem,
})

const about = (newsletter: NewsletterFact, reader: ReaderFact, problem: string): Violation => ({
  invariant: 'I2',
  newsletter: newsletter.publicId,
  delivery: deliveryIdOf(newsletter, reader),
  problem,
})

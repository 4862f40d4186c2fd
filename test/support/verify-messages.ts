// I1, I5, I6, I13 and I14: what each message is, to whom it went, when, and how often.
import type { MessageFact, NewsletterFact } from './facts'
import {
  deliveryIdOf,
  grouped,
  type Index,
  type Invariant,
  isKept,
  type KnownMessage,
  keyOf,
  type Violation,
} from './verify-index'

const DAY = 86_400_000

export const checkMessages = (index: Index): Violation[] => [
  ...[...index.kept.values()].flatMap(repeated),
  ...index.facts.messages.flatMap(message => strangers(index, message)),
  ...index.messages.flatMap(message => [...crossTalk(message), ...unapproved(index, message)]),
  ...overCap(index),
]

/** I1, and I5 where the first one had no answer. */
function repeated(messages: readonly KnownMessage[]): Violation[] {
  const [first, ...more] = messages
  if (!first || more.length === 0) return []
  const unanswered = messages.slice(0, -1).some(({ answer }) => answer === undefined)
  return [
    violation('I1', first, `was completed ${messages.length} times`),
    ...(unanswered ? [violation('I5', first, 'was sent again after a message without an answer')] : []),
  ]
}

/** I13: one recipient, and it is the stored address of somebody who has a row. */
function strangers(index: Index, message: MessageFact): Violation[] {
  const newsletter = index.newsletters.get(message.newsletter)
  if (!newsletter) return []
  const say = (problem: string): Violation[] => [
    { invariant: 'I13', newsletter: newsletter.publicId, delivery: message.references[0] ?? null, problem },
  ]
  if (message.to.length !== 1) return say(`has ${message.to.length} recipients`)
  const reader = index.byEmail.get(message.to[0] ?? '')
  if (!reader) return say('went to an address that no reader has')
  return index.rows.has(keyOf(newsletter.id, reader.id)) ? [] : say('went to somebody without a row')
}

function crossTalk(message: KnownMessage): Violation[] {
  const own = deliveryIdOf(message.ours, message.reader)
  const foreign = message.references.filter(reference => reference !== own)
  return [
    ...(message.toHeader === message.reader.email
      ? []
      : [violation('I13', message, 'names somebody else in its To header')]),
    ...(foreign.length > 0 ? [violation('I13', message, 'holds tokens that are not of this delivery')] : []),
    ...(message.references.length === 0 ? [violation('I13', message, 'holds no token of its own')] : []),
  ]
}

function unapproved(index: Index, message: KnownMessage): Violation[] {
  const { ours } = message
  if (ours.sendAt === null || message.at < ours.sendAt)
    return [violation('I14', message, 'was completed before its time')]
  if (ours.skeletons.includes(message.skeleton)) return []
  const text = index.facts.skeletons[message.skeleton] ?? ''
  const isNamed = ({ id, name }: { id: number; name: string | null }) =>
    id !== message.reader.id && name && text.includes(name)
  return index.facts.readers.some(isNamed)
    ? [violation('I13', message, 'holds the name of somebody else')]
    : [violation('I14', message, 'is not what was approved')]
}

/** I14 of the newsletters themselves. */
export const checkStarts = ({ newsletters }: Index): Violation[] =>
  [...newsletters.values()].flatMap(one => {
    const say = (problem: string): Violation[] => [
      { invariant: 'I14', newsletter: one.publicId, delivery: null, problem },
    ]
    if (one.startedAt === null) return []
    if (one.sendAt === null || one.startedAt < one.sendAt) return say('started before its time')
    return one.approvedHash === one.contentHash ? [] : say('its content is not what was approved')
  })

/** I6: no window of the promised length holds more than was promised. */
function overCap(index: Index): Violation[] {
  const caps = new Map(index.facts.caps.map(cap => [cap.topicId, cap]))
  const kept = index.messages.filter(isKept)
  const byReader = grouped(kept, ({ ours, reader }) => `${ours.topicId}:${reader.id}`)
  return [...byReader.values()].flatMap(messages => {
    const cap = caps.get(messages[0]?.ours.topicId ?? 0)
    if (!cap || messages.length <= cap.maxIssues) return []
    const sorted = [...messages].sort((a, b) => a.at - b.at)
    return sorted.slice(cap.maxIssues).flatMap((message, n) => {
      const earliest = sorted[n]
      const isOver = earliest && message.at - earliest.at < cap.perDays * DAY
      return isOver ? [violation('I6', message, `is more than ${cap.maxIssues} in ${cap.perDays} days`)] : []
    })
  })
}

/** I5: `sent` only with an acceptance, and `unknown` only as often as it can be explained. */
export function checkOutcomes(index: Index, maxUnknown: number): Violation[] {
  const { facts } = index
  const byId = new Map(facts.newsletters.map(one => [one.id, one]))
  const falseSent = facts.deliveries.flatMap(row => {
    const messages = index.kept.get(keyOf(row.newsletterId, row.readerId)) ?? []
    const newsletter = byId.get(row.newsletterId)
    const reader = index.readers.get(row.readerId)
    const isFalse = row.status === 'sent' && !messages.some(({ answer }) => answer === 2)
    if (!isFalse || !newsletter || !reader) return []
    return [
      violationOf('I5', newsletter, deliveryIdOf(newsletter, reader), 'is sent, but no server accepted it'),
    ]
  })
  const unexplained = unexplainedUnknown(index)
  if (unexplained <= maxUnknown) return falseSent
  const problem = `${unexplained} deliveries are unknown, which is more than ${maxUnknown}`
  return [...falseSent, { invariant: 'I5', newsletter: null, delivery: null, problem }]
}

/** Unknown, although the server never left a message of it without its answer. */
export const unexplainedUnknown = ({ facts, kept }: Index): number =>
  facts.deliveries.filter(
    ({ status, newsletterId, readerId }) =>
      status === 'unknown' &&
      !(kept.get(keyOf(newsletterId, readerId)) ?? []).some(({ answer }) => answer === undefined),
  ).length

const violation = (invariant: Invariant, { ours, reader }: KnownMessage, problem: string): Violation =>
  violationOf(invariant, ours, deliveryIdOf(ours, reader), problem)

const violationOf = (
  invariant: Invariant,
  newsletter: NewsletterFact,
  delivery: string,
  problem: string,
): Violation => ({ invariant, newsletter: newsletter.publicId, delivery, problem })

// The facts of a run, looked up the ways the checks need.
import type { DeliveryFact, EventFact, Facts, MessageFact, NewsletterFact, ReaderFact } from './facts'

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I11' | 'I13' | 'I14'

export interface Violation {
  invariant: Invariant
  /** Public id of the newsletter; null where it is about more than one. */
  newsletter: string | null
  /** The delivery's public id, or null where it is about the whole newsletter. */
  delivery: string | null
  problem: string
}

/** A completed message whose newsletter and reader are ours. */
export interface KnownMessage extends MessageFact {
  ours: NewsletterFact
  reader: ReaderFact
}

export interface Index {
  facts: Facts
  newsletters: Map<string, NewsletterFact>
  byEmail: Map<string, ReaderFact>
  readers: Map<number, ReaderFact>
  events: Map<string, EventFact[]>
  /** By `newsletterId:readerId`. */
  rows: Map<string, DeliveryFact>
  /** Newsletter and recipient known; refused ones too. */
  messages: KnownMessage[]
  /** Completed and not refused, by `newsletterId:readerId`. */
  kept: Map<string, KnownMessage[]>
}

export const keyOf = (newsletterId: number, readerId: number): string => `${newsletterId}:${readerId}`

export const deliveryIdOf = (newsletter: NewsletterFact, reader: ReaderFact): string =>
  newsletter.reference + reader.reference

/** What a reader would have in the mailbox. */
export const isKept = ({ answer }: MessageFact): boolean => answer === undefined || answer === 2

export function grouped<Value>(
  values: readonly Value[],
  key: (value: Value) => string,
): Map<string, Value[]> {
  const groups = new Map<string, Value[]>()
  for (const value of values) {
    const group = groups.get(key(value))
    if (group) group.push(value)
    else groups.set(key(value), [value])
  }
  return groups
}

export function indexOf(facts: Facts): Index {
  const newsletters = new Map(facts.newsletters.map(one => [one.publicId, one]))
  const byEmail = new Map(facts.readers.map(reader => [reader.email, reader]))
  const messages = facts.messages.flatMap(message => {
    const ours = newsletters.get(message.newsletter)
    const reader = byEmail.get(message.to[0] ?? '')
    return ours && reader ? [{ ...message, ours, reader }] : []
  })
  return {
    facts,
    newsletters,
    byEmail,
    readers: new Map(facts.readers.map(reader => [reader.id, reader])),
    events: grouped(facts.events, event => event.principal),
    rows: new Map(facts.deliveries.map(row => [keyOf(row.newsletterId, row.readerId), row])),
    messages,
    kept: grouped(messages.filter(isKept), ({ ours, reader }) => keyOf(ours.id, reader.id)),
  }
}

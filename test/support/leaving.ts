// Readers with the link of a mail in their hands, and what became of their yes.
import { makeReader } from './actors'
import type { Product } from './product'
import { eventsOf, unsubscribeToken } from './rows'

/** Somebody who said yes to both topics, and the token of a mail of this newsletter. */
export async function readerWithLink(
  product: Product,
  newsletterId: string,
  overrides: Record<string, unknown> = {},
): Promise<{ email: string; token: string }> {
  const { email } = await makeReader(product, ['topic:weekly', 'topic:monthly'], overrides)
  return { email, token: await unsubscribeToken(product, email, newsletterId) }
}

export const statesOf = async (product: Product, email: string): Promise<string[]> =>
  (await eventsOf(product, email)).map(event => event.toState)

/** How each yes was taken back, in order. */
export async function withdrawn(product: Product, email: string): Promise<string[]> {
  const events = await eventsOf(product, email)
  return events.filter(({ toState }) => toState === 'ConsentWithdrawn').map(({ method }) => method)
}

// The directory of links as staff fill it and anybody speaks about it.
import type { Staff } from './actors'
import { type AnyData, graphql, ok } from './api'
import type { Product } from './product'

const LINK = `link { id title url description category status lastCheckedAt checkResult proposedBy reviewedBy reviewedAt
  processor { name } feedback { kind count } comments { day kind comment } } userErrors { code field }`
export const PROPOSE = `mutation ($input: DirectoryLinkInput!) { directoryLinkPropose(input: $input) { ${LINK} } }`
export const REVIEW = `mutation ($id: ID!, $status: LinkStatus!, $note: String) {
  directoryLinkReview(id: $id, status: $status, note: $note) { ${LINK} } }`
export const SAY = `mutation ($input: LinkFeedbackInput!) {
  linkFeedbackSubmit(input: $input) { link { id feedback { count } } userErrors { code field } } }`

let links = 0

export const linkInput = (change: AnyData = {}): AnyData => ({
  title: 'A library',
  url: `https://library-${links++}.example/`,
  description: 'It has books.',
  category: 'Reading',
  ...change,
})

export const propose = async (product: Product, staff: Staff, change: AnyData = {}): Promise<AnyData> =>
  (await ok(product, PROPOSE, { input: linkInput(change) }, { token: staff.token })).directoryLinkPropose

export const review = async (
  product: Product,
  staff: Staff,
  id: string,
  status: string,
  note?: string,
): Promise<AnyData> =>
  (await ok(product, REVIEW, { id, status, note }, { token: staff.token })).directoryLinkReview

/** Proposed by the one, listed by the other. */
export async function listLink(
  product: Product,
  [proposes, reviews]: readonly [Staff, Staff],
  change: AnyData = {},
): Promise<AnyData> {
  const proposed = await propose(product, proposes, change)
  if (!proposed.link) throw new Error(JSON.stringify(proposed))
  const listed = await review(product, reviews, proposed.link.id, 'LISTED')
  if (listed.link.status !== 'LISTED') throw new Error(JSON.stringify(listed))
  return listed.link
}

export const say = (product: Pick<Product, 'url'>, linkId: string, change: AnyData = {}): Promise<AnyData> =>
  graphql(product, SAY, { input: { linkId, kind: 'HELPFUL', ...change } })

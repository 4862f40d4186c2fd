// Policy versions written and published through the staff doors.
import type { Staff } from './actors'
import { type AnyData, ok } from './api'
import type { Product } from './product'

export const DRAFT = `mutation ($input: PolicyInput!, $id: ID) { policyDraftSave(input: $input, id: $id) {
  policy { id version locale title html contentHash changeSummary publishedAt effectiveAt requiresReconsent }
  userErrors { code message field } } }`

export const PUBLISH = `mutation ($id: ID!, $effectiveAt: DateTime!, $requiresReconsent: Boolean!) {
  policyPublish(id: $id, effectiveAt: $effectiveAt, requiresReconsent: $requiresReconsent) {
    policy { id version publishedAt effectiveAt requiresReconsent } userErrors { code message field } } }`

export const saveDraft = async (
  product: Product,
  { token }: Staff,
  input: AnyData,
  id?: string,
): Promise<AnyData> => (await ok(product, DRAFT, { input, id }, { token })).policyDraftSave

export const publish = async (
  product: Product,
  { token }: Staff,
  id: string,
  { effectiveAt = new Date(), requiresReconsent = false } = {},
): Promise<AnyData> =>
  (await ok(product, PUBLISH, { id, effectiveAt: effectiveAt.toISOString(), requiresReconsent }, { token }))
    .policyPublish

/** The number that the next version has. */
export async function nextVersion(product: Product): Promise<string> {
  const { policies } = await ok(product, '{ policies(first: 1) { nodes { version } } }')
  return String(Number(policies.nodes[0].version) + 1)
}

/** Both locales of the next version; answers the id of one of them. */
export async function draftBoth(product: Product, admin: Staff, markdown = 'All new.'): Promise<string> {
  const version = await nextVersion(product)
  let id = ''
  for (const locale of ['en', 'de']) {
    const changeSummary = `News in ${locale}`
    const input = { version, locale, title: `Policy ${version}`, markdown, changeSummary }
    const { policy, userErrors } = await saveDraft(product, admin, input)
    if (!policy) throw new Error(JSON.stringify(userErrors))
    id = policy.id
  }
  return id
}

/** Publishes the next version in both locales; answers its number. */
export async function publishNext(
  product: Product,
  admin: Staff,
  options?: Parameters<typeof publish>[3],
): Promise<string> {
  const { policy, userErrors } = await publish(product, admin, await draftBoth(product, admin), options)
  if (!policy) throw new Error(JSON.stringify(userErrors))
  return policy.version
}

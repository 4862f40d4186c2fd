// What an authority asks about one reader, as admins write it down, approve it and fetch the extract.
import type { Staff } from './actors'
import { type AnyData, graphql, ok } from './api'
import type { Product } from './product'

const DISCLOSURE = `disclosure { id authority basis reference scope requestedBy approvedBy at approvedAt handedOutAt
  extractUrl extractHash tellNotBefore silenceReason toldAt reader { id } } userErrors { code field }`
const RECORD = `mutation ($input: LawfulDisclosureInput!) { lawfulDisclosureRecord(input: $input) { ${DISCLOSURE} } }`
const APPROVE = `mutation ($id: ID!) { lawfulDisclosureApprove(id: $id) { ${DISCLOSURE} } }`

export const lawfulInput = (readerId: string, change: AnyData = {}): AnyData => ({
  readerId,
  authority: 'District court of Testville',
  basis: 'Art. 6(1)(c) GDPR, § 1 of the Testville act',
  reference: '7 Ts 12/26',
  scope: 'Since when the person gets mail',
  ...change,
})

export const recordCase = async (
  product: Product,
  admin: Staff,
  readerId: string,
  change: AnyData = {},
): Promise<AnyData> =>
  (await ok(product, RECORD, { input: lawfulInput(readerId, change) }, { token: admin.token }))
    .lawfulDisclosureRecord

/** With the codes of what is refused as a whole. */
export const recordAnswer = (product: Product, admin: Staff, input: AnyData): Promise<AnyData> =>
  graphql(product, RECORD, { input }, { token: admin.token })

export const approveCase = async (product: Product, admin: Staff, id: string): Promise<AnyData> =>
  (await ok(product, APPROVE, { id }, { token: admin.token })).lawfulDisclosureApprove

export const fetchExtract = (product: Product, url: string, token?: string): Promise<Response> =>
  fetch(product.url + new URL(url).pathname, {
    method: 'POST',
    headers: token ? { authorization: `Bearer ${token}` } : {},
  })

/** From the request to the file, by two admins; answers the disclosure's id. */
export async function releaseTo(
  product: Product,
  [asks, approves]: readonly [Staff, Staff],
  readerId: string,
  change: AnyData = {},
): Promise<string> {
  const { disclosure } = await recordCase(product, asks, readerId, change)
  const approved = await approveCase(product, approves, disclosure.id)
  const extract = await fetchExtract(product, approved.disclosure.extractUrl, approves.token)
  if (extract.status !== 200) throw new Error(`The extract was answered ${extract.status}`)
  await extract.arrayBuffer()
  return disclosure.id
}

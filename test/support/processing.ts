// Third parties as an admin makes them, and what their keys are answered.
import type { Staff } from './actors'
import { type AnyData, graphql, ok } from './api'
import { canary } from './leaks'
import type { Product } from './product'

export const PROCESSOR_SAVE = `mutation ($id: ID, $input: ProcessorInput!) { processorSave(id: $id, input: $input) {
  processor { id name status hasActiveAgreement dataCategories purposes { key } } userErrors { code field } } }`
export const AGREEMENT_ADD = `mutation ($id: ID!, $input: AgreementInput!) { agreementAdd(processorId: $id, input: $input) {
  processor { id hasActiveAgreement agreements { kind signedAt expiresAt documentHash active } } userErrors { code field } } }`
export const STATUS_SET = `mutation ($id: ID!, $status: ProcessorStatus!, $reason: String!) {
  processorStatusSet(id: $id, status: $status, reason: $reason) { processor { status } userErrors { code field } } }`
export const RECORDS = `query ($purposeKey: String!, $reason: String!, $first: Int, $after: String) {
  processorRecords(purposeKey: $purposeKey, reason: $reason, first: $first, after: $after) {
    nodes { ref email name locale } pageInfo { hasNextPage endCursor } } }`

export const HASH = 'ab'.repeat(32)

/** The public id of a purpose that data may be passed on for. */
export async function makeThirdPartyPurpose(product: Product, admin: Staff, key: string): Promise<string> {
  const texts = ['en', 'de'].map(locale => ({ locale, title: `Pass on (${locale})`, description: 'Words' }))
  const { purposeSave } = await ok(
    product,
    `mutation ($input: PurposeInput!) { purposeSave(input: $input) { purpose { id } userErrors { code } } }`,
    { input: { key, kind: 'THIRD_PARTY_PROCESSING', texts } },
    { token: admin.token },
  )
  if (!purposeSave.purpose) throw new Error(JSON.stringify(purposeSave))
  return purposeSave.purpose.id
}

export const processorInput = (purposeIds: readonly string[], change: AnyData = {}): AnyData => ({
  name: 'Helper',
  legalName: 'Helper Ltd',
  country: 'DE',
  role: 'Prints and posts letters',
  dataCategories: ['email', 'name'],
  purposeIds,
  ...change,
})

/** A processor as a draft, or with an agreement and at work. */
export async function makeProcessor(
  product: Product,
  admin: Staff,
  purposeIds: readonly string[],
  change: AnyData = {},
  isActive = true,
): Promise<string> {
  const as = { token: admin.token }
  const { processorSave } = await ok(
    product,
    PROCESSOR_SAVE,
    { input: processorInput(purposeIds, change) },
    as,
  )
  const { id } = processorSave.processor
  if (!isActive) return id
  await agree(product, admin, id)
  await setStatus(product, admin, id, 'ACTIVE')
  return id
}

export const agree = async (product: Product, admin: Staff, id: string, change: AnyData = {}) =>
  (
    await ok(
      product,
      AGREEMENT_ADD,
      { id, input: { kind: 'DATA_PROCESSING', signedAt: '2024-01-02', documentHash: HASH, ...change } },
      { token: admin.token },
    )
  ).agreementAdd

export const setStatus = async (
  product: Product,
  admin: Staff,
  id: string,
  status: string,
  reason = 'test',
) => (await ok(product, STATUS_SET, { id, status, reason }, { token: admin.token })).processorStatusSet

/** A key of this processor's. */
export async function makeProcessorKey(product: Product, admin: Staff, processorId: string): Promise<string> {
  const input = {
    name: 'helper',
    scopes: ['processor:records'],
    processorId,
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  }
  const { apiKeyCreate } = await ok(
    product,
    `mutation ($input: ApiKeyInput!) { apiKeyCreate(input: $input) { secretShownOnce userErrors { code field } } }`,
    { input },
    { token: admin.token },
  )
  if (!apiKeyCreate.secretShownOnce) throw new Error(JSON.stringify(apiKeyCreate))
  canary(apiKeyCreate.secretShownOnce)
  return apiKeyCreate.secretShownOnce
}

export const records = (product: Product, token: string, purposeKey: string, change: AnyData = {}) =>
  graphql(product, RECORDS, { purposeKey, reason: 'monthly letter', ...change }, { token })

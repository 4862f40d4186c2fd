// The demo's third party: a shop that prints letters, under an agreement, for those who said yes to that.
import { createHash } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { createPurpose } from '../consent/purposes'
import { PurposeKind } from '../entities/purpose'
import { type Ask, createClient } from './graphql-client'

export const LETTERS = 'letters'

const words = [
  {
    locale: 'en',
    title: 'A letter once a year',
    description: 'Give my name and address to the Demo Letter Shop, which prints one letter a year for us.',
    cadence: null,
  },
  {
    locale: 'de',
    title: 'Ein Brief im Jahr',
    description:
      'Meinen Namen und meine Adresse an den Demo Letter Shop geben, der für uns einen Brief im Jahr druckt.',
    cadence: null,
  },
]

/** What readers can say yes to by itself. */
export const createLetters = (tx: EntityManager, locales: readonly string[]) =>
  createPurpose(
    tx,
    LETTERS,
    PurposeKind.THIRD_PARTY_PROCESSING,
    words.filter(({ locale }) => locales.includes(locale)),
  )

/** Every twentieth. */
export const likesLetters = (email: string): boolean => Number(/\d+/.exec(email)?.[0]) % 20 === 0

const SAVE = `mutation ($input: ProcessorInput!) {
  processorSave(input: $input) { processor { id } userErrors { code message field } }
}`
const SIGN = `mutation ($id: ID!, $input: AgreementInput!) {
  agreementAdd(processorId: $id, input: $input) { userErrors { code message field } }
}`
const START = `mutation ($id: ID!) {
  processorStatusSet(id: $id, status: ACTIVE, reason: "the demo") { userErrors { code message field } }
}`
const KEY = `mutation ($input: ApiKeyInput!) {
  apiKeyCreate(input: $input) { secretShownOnce userErrors { code message field } }
}`
const READ = `query ($after: String) {
  processorRecords(purposeKey: "${LETTERS}", reason: "the yearly letter", first: 100, after: $after) {
    nodes { ref } pageInfo { hasNextPage endCursor }
  }
}`

interface Page {
  processorRecords: { nodes: unknown[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }
}

/** It signs, is set to work, and reads with its own key who said yes; answers how many that were. */
export async function passOnLetters(staffUrl: string, ask: Ask): Promise<number> {
  const { site } = await ask<{ site: { purposes: { id: string; key: string }[] } }>(
    '{ site { purposes { id key } } }',
  )
  const purposeIds = site.purposes.filter(({ key }) => key === LETTERS).map(({ id }) => id)
  const { processorSave } = await ask<{ processorSave: { processor: { id: string } } }>(SAVE, {
    input: {
      name: 'Demo Letter Shop',
      legalName: 'Demo Letter Shop Ltd (made up)',
      country: 'DE',
      role: 'Prints and posts one letter a year',
      dataCategories: ['email', 'name'],
      purposeIds,
    },
  })
  const { id } = processorSave.processor
  const documentHash = createHash('sha256').update('the agreement of the demo').digest('hex')
  await ask(SIGN, { id, input: { kind: 'DATA_PROCESSING', signedAt: '2024-01-02', documentHash } })
  await ask(START, { id })
  const { apiKeyCreate } = await ask<{ apiKeyCreate: { secretShownOnce: string } }>(KEY, {
    input: {
      name: 'Demo Letter Shop',
      scopes: ['processor:records'],
      processorId: id,
      expiresAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    },
  })
  return readAll(createClient(staffUrl, apiKeyCreate.secretShownOnce))
}

async function readAll(ask: Ask): Promise<number> {
  let count = 0
  for (let after: string | null = null; ; ) {
    const { processorRecords }: Page = await ask<Page>(READ, { after })
    count += processorRecords.nodes.length
    if (!processorRecords.pageInfo.hasNextPage) return count
    after = processorRecords.pageInfo.endCursor
  }
}

// Files of readers as an admin of another system exports them, and the two ways they come in.

import type { Staff } from './actors'
import type { AnyData } from './api'
import { ok } from './api'
import { canary } from './leaks'
import type { Product } from './product'

export const WORDS = 'Yes, send me Weekly every week.'

/** A day of last year or this one: consent lasts two years. */
export const collectedAt = (daysAgo = 100): string =>
  new Date(Date.now() - daysAgo * 86_400_000).toISOString()

export interface Line {
  email?: string
  name?: string
  locale?: string
  source?: string
  time?: string
  wording?: string
}

export const HEADER = 'email,name,locale,source,consented_at,wording'

/** A row with everything a proof needs, but what the test changes. */
export const line = (change: Line): string => {
  const whole = {
    email: '',
    name: '',
    locale: 'en',
    source: 'form',
    time: collectedAt(),
    wording: WORDS,
    ...change,
  }
  const { email, name, locale, source, time, wording } = whole
  return [email, name, locale, source, time, wording].map(quoted).join(',')
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

export const fileOf = (...lines: Line[]): string => `${[HEADER, ...lines.map(line)].join('\n')}\n`

export const EVIDENCE = ['source', 'consented_at', 'wording']

export const START = `mutation ($input: ImportInput!) { importStart(input: $input) {
  import { id status rows fileName } uploadUrl userErrors { code field } } }`

export async function startImport(
  product: Product,
  admin: Pick<Staff, 'token'>,
  input: Record<string, unknown> = {},
): Promise<{ id: string; url: string }> {
  const whole = {
    fileName: 'readers.csv',
    evidenceColumns: EVIDENCE,
    policyVersion: '1',
    topicSlugs: ['weekly'],
    ...input,
  }
  const { importStart } = await ok(product, START, { input: whole }, { token: admin.token })
  if (!importStart.uploadUrl) throw new Error(JSON.stringify(importStart.userErrors))
  canary(new URL(importStart.uploadUrl).pathname.split('/').at(-1))
  return { id: importStart.import.id, url: importStart.uploadUrl }
}

export async function upload(
  url: string,
  body: NonNullable<RequestInit['body']>,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: AnyData }> {
  const response = await fetch(url, { method: 'PUT', body, headers, duplex: 'half' } as RequestInit)
  return { status: response.status, body: await response.json() }
}

/** Started and sent in one go; answers the import as staff see it. */
export async function importFile(
  product: Product,
  admin: Staff,
  file: NonNullable<RequestInit['body']>,
  input: Record<string, unknown> = {},
): Promise<AnyData> {
  const { id, url } = await startImport(product, admin, input)
  await upload(url, file)
  return importOf(product, admin, id)
}

export async function importOf(product: Product, admin: Pick<Staff, 'token'>, id: string): Promise<AnyData> {
  const { imports } = await ok(
    product,
    `{ imports(first: 10) { nodes { id status fileName rows accepted unchanged rejectedCount
       rejected { row code message } problem { row code message } fileHash endedAt } } }`,
    {},
    { token: admin.token },
  )
  return imports.nodes.find((one: AnyData) => one.id === id)
}

/** `row code` of each refused row. */
export const refusedRows = (job: AnyData): string[] =>
  job.rejected.map(({ row, code }: AnyData) => `${row} ${code}`)

// A reader who uses their rights, through the doors a client uses.
import { unzipSync } from 'fflate'
import { DataRequest } from '../../src/entities/data-request'
import type { Reader } from '../../src/entities/reader'
import { makeReader } from './actors'
import { type AnyData, ok } from './api'
import { until } from './checker'
import { codeIn, logInApp } from './logging-in'
import { mailsTo, waitForMail } from './mail'
import type { Product } from './product'
import { readerOf, settled } from './rows'

export interface OwnReader {
  email: string
  accessToken: string
  reader: Reader
}

export const asReader = (
  product: Product,
  accessToken: string,
  query: string,
  variables = {},
): Promise<AnyData> => ok(product, query, variables, { token: accessToken, staff: false })

/** Somebody who is logged in and has proved nothing yet. */
export async function loggedInReader(
  product: Product,
  overrides: Record<string, unknown> = {},
): Promise<OwnReader> {
  const { email } = await makeReader(product, ['topic:weekly'], overrides)
  const { accessToken } = await logInApp(product, email, 'A phone')
  return { email, accessToken, reader: await readerOf(product, email) }
}

/** The code of the mail that the act causes. */
export async function mailedCode(
  product: Product,
  email: string,
  act: () => Promise<unknown>,
): Promise<string> {
  const before = mailsTo(product, email).length
  await act()
  const { code } = codeIn(await waitForMail(product, email, before + 1))
  await settled(product, email)
  return code
}

/** Somebody logged in who has just entered a mailed code. */
export async function provenReader(
  product: Product,
  overrides: Record<string, unknown> = {},
): Promise<OwnReader> {
  const own = await loggedInReader(product, overrides)
  const query = 'mutation ($input: ReauthInput!) { reauthenticate(input: $input) { accepted } }'
  const prove = (code?: string) => asReader(product, own.accessToken, query, { input: { code } })
  const code = await mailedCode(product, own.email, () => prove())
  expect((await prove(code)).reauthenticate.accepted).toBe(true)
  return own
}

const REQUEST =
  'dataRequest { id kind status dueAt daysLeft receipt downloadUrl } alreadyPassed codeSent userErrors { code field }'

export const askForCopy = async (product: Product, accessToken: string, code?: string): Promise<AnyData> =>
  (
    await asReader(
      product,
      accessToken,
      `mutation ($code: String) { dataExportRequest(code: $code) { ${REQUEST} } }`,
      { code },
    )
  ).dataExportRequest

export const askForErasure = async (
  product: Product,
  accessToken: string,
  { confirm = true, code }: { confirm?: boolean; code?: string } = {},
): Promise<AnyData> =>
  (
    await asReader(
      product,
      accessToken,
      `mutation ($confirm: Boolean!, $code: String) { dataErasureRequest(confirm: $confirm, code: $code) { ${REQUEST} } }`,
      { confirm, code },
    )
  ).dataErasureRequest

/** Path and code of the mail that says that a copy is ready. */
export async function readyMail(
  product: Product,
  email: string,
  n: number,
): Promise<{ path: string; code: string }> {
  const { text } = await waitForMail(product, email, n)
  const url = /http\S+\/export\/[a-z2-7]{53}/.exec(text)?.[0]
  const code = /\b\d{6}\b/.exec(text)?.[0]
  if (!url || !code) throw new Error(`No download in:\n${text}`)
  return { path: new URL(url).pathname, code }
}

export const enterDownloadCode = (product: Product, path: string, code: string): Promise<Response> =>
  fetch(product.url + path, { method: 'POST', body: new URLSearchParams({ code }) })

/** The files in a copy. */
export async function filesIn(answer: Response): Promise<Record<string, string>> {
  const files = unzipSync(new Uint8Array(await answer.arrayBuffer()))
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')]),
  )
}

export const requestRow = ({ connections: { db } }: Product, publicId: string): Promise<DataRequest> =>
  db.manager.findOneByOrFail(DataRequest, { publicId })

export const untilRequest = (product: Product, publicId: string, status: string): Promise<void> =>
  until(async () => (await requestRow(product, publicId)).status === status, `request ${status}`)

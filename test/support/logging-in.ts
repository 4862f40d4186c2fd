// Readers logging in, as a browser and as an app do it.
import { type AnyData, ok } from './api'
import { type Mail, mailsTo, waitForMail } from './mail'
import type { Product } from './product'
import { settled } from './rows'

export interface RawAnswer {
  status: number
  headers: Headers
  cookies: string[]
  text: string
  body: AnyData
}

/** One operation on the public endpoint with these headers, and everything that came back. */
export async function send(
  { url }: { url: string },
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  })
  const text = await response.text()
  const body = JSON.parse(text)
  return {
    status: response.status,
    headers: response.headers,
    cookies: response.headers.getSetCookie(),
    text,
    body,
  }
}

export const LOGIN_START = `mutation ($input: EmailInput!) { loginStart(input: $input) {
  accepted alreadyPassed retryAfterSeconds userErrors { code message field } } }`

export const LOGIN_COMPLETE = `mutation ($input: LoginCompleteInput!) { loginComplete(input: $input) {
  session { id transport device createdAt lastUsedAt expiresAt current }
  tokens { accessToken refreshToken accessExpiresAt refreshExpiresAt } userErrors { code message field } } }`

/** The code of a mail, which stands in a line of its own, and the token of its link, if it has one. */
export function codeIn(mail: Mail): { code: string; token: string } {
  const [code, ...others] = mail.text.match(/\b\d{6}\b/g) ?? []
  if (!code || others.length > 0) throw new Error(`Not one code in:\n${mail.text}`)
  return { code, token: /\/l\/([a-z2-7]{53})/.exec(mail.text)?.[1] ?? '' }
}

/** Asks for a log-in mail and reads it. */
export async function askToLogIn(
  product: Product,
  email: string,
): Promise<{ code: string; token: string; mail: Mail }> {
  const before = mailsTo(product, email).length
  const { loginStart } = await ok(product, LOGIN_START, { input: { email } })
  if (!loginStart.accepted) throw new Error(JSON.stringify(loginStart))
  const mail = await waitForMail(product, email, before + 1)
  await settled(product, email)
  return { ...codeIn(mail), mail }
}

/** Answers loginComplete as it came. */
export const complete = async (product: { url: string }, input: Record<string, unknown>): Promise<AnyData> =>
  (await ok(product, LOGIN_COMPLETE, { input: { transport: 'BEARER', ...input } })).loginComplete

/** An app that logged in: its tokens and its session. */
export async function logInApp(product: Product, email: string, device?: string): Promise<AnyData> {
  const { code } = await askToLogIn(product, email)
  const answer = await complete(product, { email, code, device })
  if (!answer.tokens) throw new Error(JSON.stringify(answer))
  return { ...answer.tokens, session: answer.session }
}

/** A browser that logged in: what it sends in its Cookie header from now on. */
export async function logInBrowser(product: Product, email: string): Promise<string> {
  const { token } = await askToLogIn(product, email)
  const response = await fetch(`${product.url}/l/${token}`, { method: 'POST' })
  const [cookie] = response.headers.getSetCookie()
  if (response.status !== 200 || !cookie) throw new Error(`${response.status}: no cookie`)
  return cookie.split(';')[0] ?? ''
}

/** Who the server takes the bearer of this access token for. */
export async function roleOf(product: { url: string }, accessToken: string): Promise<string> {
  return (await ok(product, '{ viewer { role } }', {}, { token: accessToken, staff: false })).viewer.role
}

export async function roleWithCookie(product: { url: string }, cookie: string): Promise<string> {
  return (await send(product, '{ viewer { role } }', {}, { cookie })).body.data.viewer.role
}

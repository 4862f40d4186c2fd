// A visitor from a network of their own, as a reverse proxy on this machine reports it.
import { REGISTER, registerInput } from './actors'
import type { AnyData } from './api'
import { fieldsOf, ticked } from './form'
import type { Product } from './product'

/** One operation from this address; the answer with its HTTP status and headers. */
export async function askFrom(
  { url }: Pick<Product, 'url'>,
  ip: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<{ status: number; retryAfter: string | null; body: AnyData }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': ip },
    body: JSON.stringify({ query, variables }),
  })
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: await response.json(),
  }
}

const SIGN_UP = REGISTER.replace(
  'userErrors { __typename',
  `userErrors { __typename
  ... on RateLimitedError { retryAfterSeconds } ... on ChallengeRequiredError { challenge }`,
)

/** Signs up through the API; answers the payload. */
export async function signUpFrom(
  product: Product,
  ip: string,
  overrides: Record<string, unknown> = {},
): Promise<AnyData> {
  const input = await registerInput(product, ['topic:weekly'], overrides)
  const { body } = await askFrom(product, ip, SIGN_UP, { input })
  if (body.errors) throw new Error(JSON.stringify(body.errors))
  return body.data.readerRegister
}

export interface Page {
  status: number
  headers: Headers
  html: string
}

/** Posts the form of /subscribe from this address. */
export async function postForm(
  { url }: Pick<Product, 'url'>,
  ip: string,
  fields: Record<string, string>,
): Promise<Page> {
  const body = new URLSearchParams(fields)
  const response = await fetch(`${url}/subscribe`, {
    method: 'POST',
    body,
    headers: { 'x-forwarded-for': ip },
  })
  return { status: response.status, headers: response.headers, html: await response.text() }
}

/** The second step of the form as the server draws it for this visitor. */
export const detailsFrom = (product: Pick<Product, 'url'>, ip: string): Promise<Page> =>
  postForm(product, ip, { step: 'age', birthMonth: '5', birthYear: '1990' })

/** What the form sends with the box of `weekly` ticked. */
export const filledIn = (page: Page, email: string): Record<string, string> => ({
  ...fieldsOf(page.html),
  ...ticked(page.html, 'purpose:topic:weekly'),
  email,
})

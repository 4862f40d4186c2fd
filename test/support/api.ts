// GraphQL over HTTP as a client speaks it.
import type { Product } from './product'

export interface GraphqlAnswer<Data> {
  status: number
  data: Data
  errors?: { message: string; extensions: { code: string } }[]
}

// biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asks for
export type AnyData = any

/** Sends one operation; `token` is a staff access token and chooses the staff endpoint. */
export async function graphql(
  product: Pick<Product, 'url'>,
  query: string,
  variables: Record<string, unknown> = {},
  { token, staff = token !== undefined }: { token?: string; staff?: boolean } = {},
): Promise<GraphqlAnswer<AnyData>> {
  const response = await fetch(`${product.url}/graphql${staff ? '/staff' : ''}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  })
  const body = (await response.json()) as Omit<GraphqlAnswer<AnyData>, 'status'>
  return { ...body, status: response.status }
}

/** Like graphql, but anything unexpected fails the test with the server's words. */
export async function ok(...request: Parameters<typeof graphql>): Promise<AnyData> {
  const answer = await graphql(...request)
  if (answer.errors) throw new Error(JSON.stringify(answer.errors))
  return answer.data
}

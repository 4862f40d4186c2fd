// The demo talks to the API as any client would: over HTTP, with nothing but the published operations.
import { Problem } from './problem'

export type Variables = Record<string, unknown>
export type Ask = <Data>(query: string, variables?: Variables) => Promise<Data>

interface Answer {
  data?: Record<string, unknown> | null
  errors?: { message: string; extensions?: { code?: string } }[]
}

interface UserError {
  code: string
  message: string
  field: string[] | null
}

/** A function that asks one endpoint; whatever is wrong, also an expected `userErrors`, is thrown. */
export function createClient(url: string, accessToken?: string): Ask {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (accessToken) headers.authorization = `Bearer ${accessToken}`
  return async <Data>(query: string, variables: Variables = {}) => {
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
    const text = await response.text()
    const answer = parse(text)
    if (!answer) throw new Problem(`${url} answered ${response.status}: ${text.slice(0, 300)}`)
    const problems = [...(answer.errors ?? []).map(describe), ...userErrors(answer.data)]
    if (problems.length > 0) throw new Problem(`The API refused: ${problems.join('; ')}`)
    return answer.data as Data
  }
}

function parse(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer
  } catch {
    return undefined
  }
}

const describe = (error: { message: string; extensions?: { code?: string } }): string =>
  `${error.extensions?.code ?? 'ERROR'} ${error.message}`

function userErrors(data: Answer['data']): string[] {
  return Object.values(data ?? {}).flatMap(payload => {
    const errors = (payload as { userErrors?: UserError[] } | null)?.userErrors ?? []
    return errors.map(({ code, message, field }) => `${code} ${field?.join('.') ?? ''}: ${message}`)
  })
}

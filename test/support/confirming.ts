// Sign-ups that wait for their button, and the two ways of pressing it.
import { register, registerInput, tokenIn } from './actors'
import { type AnyData, ok } from './api'
import { type Mail, waitForMail } from './mail'
import type { Product } from './product'
import { settled } from './rows'

/** Somebody who has the mail and has not pressed anything. */
export async function pending(
  product: Product,
  overrides: Record<string, unknown> = {},
): Promise<{ email: string; mail: Mail; token: string }> {
  const input = await registerInput(product, ['topic:weekly'], overrides)
  await register(product, input)
  const mail = await waitForMail(product, input.email)
  await settled(product, input.email)
  return { email: input.email, mail, token: tokenIn(mail, 'c') }
}

export const post = ({ url }: { url: string }, path: string): Promise<Response> =>
  fetch(url + path, { method: 'POST', redirect: 'manual' })

export async function confirmByApi(api: { url: string }, token: string): Promise<AnyData> {
  const query = `mutation ($token: String!) {
    readerConfirm(token: $token) { reader { maskedEmail status } alreadyPassed userErrors { code field } } }`
  return (await ok(api, query, { token })).readerConfirm
}

export const refusal = (code: string) => ({
  reader: null,
  alreadyPassed: [],
  userErrors: [{ code, field: ['token'] }],
})

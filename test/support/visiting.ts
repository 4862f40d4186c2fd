// An anonymous visitor of the pages: what is asked, and what the browser would keep.

import type { Staff } from './actors'
import { ok } from './api'
import type { Product } from './product'

export interface Visit {
  status: number
  headers: Headers
  cookies: string[]
  html: string
}

/** Asks for a page, or posts a form to it; follows nothing. */
export async function visit(
  product: Pick<Product, 'url'>,
  path: string,
  { form, headers = {} }: { form?: Record<string, string>; headers?: Record<string, string> } = {},
): Promise<Visit> {
  const response = await fetch(`${product.url}${path}`, {
    redirect: 'manual',
    headers,
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  })
  return {
    status: response.status,
    headers: response.headers,
    cookies: response.headers.getSetCookie(),
    html: await response.text(),
  }
}

/** A purpose that something of the site is counted for. */
export async function makeCookiePurpose(
  product: Product,
  admin: Staff,
  kind: 'ANALYTICS_COOKIES' | 'ADVERTISING_COOKIES' | 'CLICK_COUNTING',
  key: string,
  id?: string,
  title = 'Count visits',
): Promise<{ id: string; version: number }> {
  const texts = ['en', 'de'].map(locale => ({ locale, title: `${title} (${locale})`, description: 'Words' }))
  const { purposeSave } = await ok(
    product,
    `mutation ($id: ID, $input: PurposeInput!) { purposeSave(id: $id, input: $input) {
       purpose { id version } userErrors { code field } } }`,
    { id, input: { key, kind, texts } },
    { token: admin.token },
  )
  if (purposeSave.userErrors.length > 0) throw new Error(JSON.stringify(purposeSave.userErrors))
  return purposeSave.purpose
}

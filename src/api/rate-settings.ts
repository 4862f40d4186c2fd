// The grammar of RATE_LIMITS: how often a network, an address, a domain and everybody may ask.

/** So many in a window of so many seconds, which begins with the first. */
export interface Rate {
  count: number
  seconds: number
}

/**
 * `call`: one public mutation or form by one network. `calls`: the same by everybody. The others count only what may
 * cause a mail: `address` to one address from one network, `network` from one network, `domain` to one recipient
 * domain, `site` in all, `breaker` sign-ups that were not confirmed, beyond which a proof of work is asked for.
 * `feedback`: what one network says about links.
 */
export const rateNames = [
  'call',
  'calls',
  'address',
  'network',
  'domain',
  'site',
  'breaker',
  'feedback',
] as const
export type RateName = (typeof rateNames)[number]
export type Rates = { readonly [name in RateName]: readonly Rate[] }

/** standards §N for what causes mail; the rest is far above what people do. */
export const DEFAULT_RATES =
  'call=60/m; calls=1200/m; address=3/h; network=5/h,20/d; domain=30/h; site=1000/h; breaker=50/h; feedback=10/h'

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 }
const RATE = /^([1-9]\d{0,8})\/([mhd])$/

export const noRates: Rates = {
  call: [],
  calls: [],
  address: [],
  network: [],
  domain: [],
  site: [],
  breaker: [],
  feedback: [],
}

/**
 * Parses `network=5/h,20/d; site=1000/h`: what is not named has no limit, and `none` is the empty list. Calls `problem`
 * once per mistake.
 */
export function parseRates(text: string, problem: (message: string) => void): Rates {
  const rates: Record<string, Rate[]> = {}
  const parts = text.trim() === 'none' ? [] : text.split(';').map(part => part.trim())
  for (const part of parts.filter(one => one !== '')) {
    const [name = '', values, ...more] = part.split('=').map(one => one.trim())
    const isName = (rateNames as readonly string[]).includes(name)
    if (!isName || !values || more.length > 0) {
      problem(`has the part "${part}", which is not NAME=RATES such as network=5/h,20/d`)
      continue
    }
    if (rates[name]) problem(`names "${name}" twice`)
    rates[name] = values.split(',').map(value => parseRate(value.trim(), part, problem))
  }
  if ((rates.breaker?.length ?? 0) > 1) problem('has two rates for "breaker"')
  return { ...noRates, ...rates }
}

function parseRate(text: string, part: string, problem: (message: string) => void): Rate {
  const [, count = '', unit = ''] = RATE.exec(text) ?? []
  if (!count) problem(`has "${text}" in "${part}" where a rate such as 60/m, 5/h or 20/d belongs`)
  return { count: Number(count), seconds: SECONDS[unit] ?? 0 }
}

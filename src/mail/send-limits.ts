// The grammar of SEND_LIMITS: how many messages may pass to whom. None is set by default.

export interface Limit {
  /** 5/s is 18,000 an hour: every unit of the grammar is a whole number of these. */
  perHour: number
  /** Per UTC day. */
  perDay: number | undefined
}

/** What a limit counts under one name: `sender`, a domain, or the first domain of a group. */
export interface Bucket {
  name: string
  limit: Limit
}

export interface SendLimits {
  /** For everything the site sends. */
  sender: Bucket | undefined
  /** By address domain; the domains of a group share one bucket. */
  groups: ReadonlyMap<string, Bucket>
  /** For every other domain, each by itself. */
  others: Limit | undefined
}

/** No domain can have this name: it has no dot. */
const SENDER = 'sender'

/** The same arithmetic as in the script that counts tokens: beyond it numbers would not be exact any more. */
const MAX_PER_SECOND = 1_000_000
const MAX_PER_DAY = 1_000_000_000
const PER_HOUR: Readonly<Record<string, number>> = { s: 3600, m: 60, h: 1 }
const LIMIT = /^([1-9]\d{0,9})\/([smhd])$/
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** The bucket beside the sender's that a message to this domain is counted in, if any. */
export function bucketOf(limits: SendLimits, domain: string): Bucket | undefined {
  const group = limits.groups.get(domain)
  if (group || !limits.others) return group
  return { name: domain, limit: limits.others }
}

/**
 * Parses `sender=20/s; gmail.com,googlemail.com=5/s,10000/d; *=2/s`: parts between semicolons, each with the names it is
 * for, one rate (per second, minute or hour) and, where wanted, a number per day. Calls `problem` once per mistake.
 */
export function parseSendLimits(text: string, problem: (message: string) => void): SendLimits {
  let sender: Bucket | undefined
  let others: Limit | undefined
  const groups = new Map<string, Bucket>()
  const seen = new Set<string>()
  for (const part of trimmed(text, ';').filter(one => one !== '')) {
    const [left = '', right, ...more] = trimmed(part, '=')
    if (right === undefined || more.length > 0) {
      problem(`has the part "${part}", which is not NAMES=LIMITS such as gmail.com=5/s`)
      continue
    }
    const limit = parseLimits(part, right, problem)
    const names = trimmed(left.toLowerCase(), ',')
    checkNames(part, names, seen, problem)
    const [first = ''] = names
    if (first === SENDER) sender = { name: SENDER, limit }
    else if (first === '*') others = limit
    else for (const name of names) groups.set(name, { name: first, limit })
  }
  return { sender, groups, others }
}

const trimmed = (text: string, separator: string): string[] => text.split(separator).map(one => one.trim())

function checkNames(
  part: string,
  names: readonly string[],
  seen: Set<string>,
  problem: (message: string) => void,
): void {
  for (const name of names) {
    const isAlone = name === SENDER || name === '*'
    if (isAlone && names.length > 1) problem(`has "${name}" together with others in "${part}"`)
    else if (!isAlone && !DOMAIN.test(name))
      problem(`has "${name}" in "${part}", which is not a domain (xn-- form), "${SENDER}" or "*"`)
    else if (seen.has(name)) problem(`names "${name}" twice`)
    seen.add(name)
  }
}

function parseLimits(part: string, text: string, problem: (message: string) => void): Limit {
  const items = trimmed(text, ',').map(item => parseItem(part, item, problem))
  const days = items.filter(({ unit }) => unit === 'd')
  // One that is wrong still counts as a rate, so that a mistake is one line.
  const rates = items.filter(({ unit }) => unit !== 'd')
  if (rates.length === 0) problem(`has no rate (a number per s, m or h) in "${part}"`)
  if (rates.length > 1 || days.length > 1) problem(`has two limits of a kind in "${part}"`)
  const [{ count = 0, unit = '' } = {}] = rates
  return { perHour: count * (PER_HOUR[unit] ?? 0), perDay: days[0]?.count }
}

function parseItem(
  part: string,
  item: string,
  problem: (message: string) => void,
): { count: number; unit: string } {
  const [, digits = '0', unit = ''] = LIMIT.exec(item) ?? []
  const count = Number(digits)
  const isTooMuch = unit === 'd' ? count > MAX_PER_DAY : count * (PER_HOUR[unit] ?? 0) > MAX_PER_SECOND * 3600
  if (unit === '')
    problem(`has "${item}" in "${part}" where a limit such as 5/s, 100/m, 5000/h or 10000/d belongs`)
  else if (isTooMuch) problem(`has "${item}" in "${part}", which is more than 1000000/s or 1000000000/d`)
  return { count, unit }
}

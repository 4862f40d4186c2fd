// Counts who asks how often, in Redis, shared by all API processes. Nothing in it names a person or a network.
import type { Cluster, Redis } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Config } from '../config'
import type { Log } from '../log'
import { answered, RedisAwayError } from '../mail/rate-tokens'
import { addressHash, fingerprint, rateKey } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'
import type { Client } from './client'
import { RateLimitError, UnavailableError } from './errors'
import type { RateName } from './rate-settings'

export interface MailRequest {
  client: Client
  /** The canonical address and its domain. */
  address: { canonical: string; domain: string }
}

export interface RateLimits {
  /**
   * Counts one call of a public mutation or form. Throws RateLimitError when it is one too many. With Redis away nothing
   * is counted: it is open.
   */
  call(act: string, client: Client): Promise<void>
  /**
   * Counts one request that may cause a mail to the address. Throws RateLimitError when it is one too many, and
   * UnavailableError while Redis is away: what cannot be counted is closed.
   */
  mail(request: MailRequest): Promise<void>
  /** Counts what somebody says about a link. Throws RateLimitError when it is one too many; open while Redis is away. */
  feedback(client: Client): Promise<void>
  breaker: Breaker
}

export interface Breaker {
  /** Whether more sign-ups than usual wait for their confirmation. Throws UnavailableError while Redis is away. */
  isTripped(client: Client): Promise<boolean>
  /** Counts a sign-up; a suspicious one weighs more. */
  signedUp(client: Client, weight: number): Promise<void>
  /** Takes a sign-up back: somebody read the mail. Never throws. */
  confirmed(): Promise<void>
}

/** Large providers: a limit on all their mailboxes together would close the sign-up for everybody (standards §N). */
const LARGE = new Set(
  `gmail.com googlemail.com outlook.com hotmail.com live.com msn.com hotmail.co.uk hotmail.fr hotmail.de outlook.de
   yahoo.com yahoo.co.uk yahoo.fr yahoo.de ymail.com aol.com icloud.com me.com mac.com proton.me protonmail.com gmx.de
   gmx.net gmx.at gmx.ch web.de t-online.de freenet.de orange.fr free.fr laposte.net libero.it comcast.net
   qq.com 163.com mail.ru yandex.ru`.split(/\s+/),
)

/** Prepares the counters; connects to nothing. */
export function createRateLimits(
  redis: Redis | Cluster,
  keyring: Keyring,
  { rates }: Pick<Config, 'rates'>,
  log: Log,
): RateLimits {
  const limiters = (name: RateName) =>
    rates[name].map(({ count, seconds }) => limiter(redis, `${name}:${seconds}`, count, seconds))
  const of = {
    call: limiters('call'),
    calls: limiters('calls'),
    address: limiters('address'),
    network: limiters('network'),
    domain: limiters('domain'),
    site: limiters('site'),
    feedback: limiters('feedback'),
  }
  const hashed = (use: string, value: string) =>
    fingerprint(keyring, `rate-${use}`, value).toString('base64url')
  return {
    async call(act, client) {
      if (client.isExempt || client.isProgram) return
      await openWithoutRedis(async () => {
        await take(of.call, `${act}:${client.network}`)
        await take(of.calls, act)
      }, log)
    },
    async mail({ client, address: { canonical, domain } }) {
      await closedWithoutRedis(async () => {
        if (client.isExempt) return void (await answered(() => redis.ping()))
        // The narrowest first: what is refused to one network uses up nothing of the others.
        if (!client.isProgram) await take(of.network, client.network)
        await take(of.address, `${rateKey(keyring, addressHash(keyring, canonical))}:${client.network}`)
        if (!LARGE.has(domain)) await take(of.domain, hashed('domain', domain))
        await take(of.site, 'all')
      })
    },
    async feedback(client) {
      if (client.isExempt) return
      await openWithoutRedis(() => take(of.feedback, client.network), log)
    },
    breaker: createBreaker(limiters('breaker')[0], log),
  }
}

function createBreaker(count: RateLimiterRedis | undefined, log: Log): Breaker {
  const consumed = async (): Promise<number> =>
    count ? ((await answered(() => count.get('all')))?.consumedPoints ?? 0) : 0
  return {
    isTripped: client =>
      closedWithoutRedis(async () => !client.isExempt && !!count && (await consumed()) >= count.points),
    signedUp: (client, weight) =>
      closedWithoutRedis(async () => {
        if (!count || client.isExempt) return
        const { consumedPoints } = await answered(() => count.penalty('all', weight))
        const hasJustTripped = consumedPoints >= count.points && consumedPoints - weight < count.points
        if (hasJustTripped) log.error({ unconfirmed: consumedPoints }, 'the sign-up breaker tripped')
      }),
    confirmed: () =>
      openWithoutRedis(async () => {
        if (count && (await consumed()) > 0) await answered(() => count.reward('all', 1))
      }, log),
  }
}

const limiter = (storeClient: Redis | Cluster, name: string, points: number, duration: number) =>
  new RateLimiterRedis({
    storeClient,
    keyPrefix: `weinterrupt-rate-limit:${name}`,
    points,
    duration,
    rejectIfRedisNotReady: true,
  })

/** Counts one in each window. Throws RateLimitError with the time until the first full one ends. */
async function take(limiters: readonly RateLimiterRedis[], key: string): Promise<void> {
  for (const one of limiters) {
    const { consumedPoints, msBeforeNext } = await answered(() => one.penalty(key, 1))
    if (consumedPoints > one.points) throw new RateLimitError(Math.max(1, Math.ceil(msBeforeNext / 1000)))
  }
}

async function closedWithoutRedis<T>(count: () => Promise<T>): Promise<T> {
  try {
    return await count()
  } catch (error) {
    throw error instanceof RedisAwayError ? new UnavailableError(error) : error
  }
}

async function openWithoutRedis(count: () => Promise<void>, log: Log): Promise<void> {
  try {
    await count()
  } catch (error) {
    if (!(error instanceof RedisAwayError)) throw error
    log.debug({ err: error }, 'not counted')
  }
}

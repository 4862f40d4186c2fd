// The rates: token buckets in Redis, shared by all workers, asked for a whole batch in one script.
import type { Cluster, Redis } from 'ioredis'
import type { Bucket } from './send-limits'

/** Redis did not answer in time or refused: nothing was granted. Sending waits until it is back (I7). */
export class RedisAwayError extends Error {
  constructor(cause: unknown) {
    super('Redis is away', { cause })
  }
}

export interface Wish {
  /** Undefined where only the sender's limit counts. */
  bucket: Bucket | undefined
  count: number
}

export interface Tokens {
  /** In the order of the wishes. */
  granted: number[]
  /** Until one more of the wishes can be granted; 0 when all were. */
  waitMs: number
}

const ANSWER_MS = 1000
/** One hash tag: all keys of a call lie in one slot of a cluster. No key holds an address. */
const keyOf = (name: string): string => `{weinterrupt-rate}:${name}`

/**
 * KEYS: the sender's bucket if it has a limit, then those of the wishes that have one. ARGV: the sender's rate per hour
 * (0 = none), then per wish the count and the rate per hour. Answers the wait in ms, then what each wish was granted.
 *
 * A token is 3.6e9 units (the microseconds of an hour), so that a rate of n per hour adds n units per microsecond: all
 * numbers are whole and below 2^53, nothing is ever rounded. A bucket holds one second's worth, at least one token; one
 * that is missing or unreadable starts empty (I7). Time is that of Redis. Where it was set back a bucket waits until it is
 * what it was, so that no moment counts twice; by more than a bucket takes to fill, it goes on from the time as it is now.
 */
const SCRIPT = `
local TOKEN = 3600000000
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]

local function open(key, rate)
  local full = math.max(TOKEN, rate * 1000000)
  local fill = math.ceil(full / rate)
  -- Unlike GET, MGET reads a key of another type as missing.
  local level, at = string.match(redis.call('MGET', key)[1] or '', '^(%d+) (%d+)$')
  at = tonumber(at or now)
  if at > now + fill then at = now end
  local passed = math.max(0, math.min(now - at, fill))
  level = math.min(full, (level or 0) + passed * rate)
  return { key = key, rate = rate, fill = fill, level = level, at = math.max(at, now) }
end

local function close(bucket, taken)
  bucket.level = bucket.level - taken * TOKEN
  local value = string.format('%.0f %.0f', bucket.level, bucket.at)
  redis.call('SET', bucket.key, value, 'PX', math.ceil(bucket.fill / 1000) + 60000)
  if bucket.level >= TOKEN then return 0 end
  return math.ceil((TOKEN - bucket.level) / bucket.rate) + bucket.at - now
end

local keys = 0
local function bucketAt(rate)
  if rate == 0 then return nil end
  keys = keys + 1
  return open(KEYS[keys], rate)
end

local sender = bucketAt(tonumber(ARGV[1]))
local wishes = {}
for i = 2, #ARGV, 2 do
  local count, bucket = tonumber(ARGV[i]), bucketAt(tonumber(ARGV[i + 1]))
  local most = bucket and math.min(count, math.floor(bucket.level / TOKEN)) or count
  wishes[#wishes + 1] = { count = count, most = most, granted = 0, bucket = bucket }
end

-- The sender's tokens rise in all wishes together; a rest too small for all goes to some, by the clock's last digits.
local left = sender and math.floor(sender.level / TOKEN) or math.huge
local total = 0
local function grant(wish, count)
  wish.granted = wish.granted + count
  left = left - count
  total = total + count
end
while left > 0 do
  local unmet = {}
  for _, wish in ipairs(wishes) do
    if wish.granted < wish.most then unmet[#unmet + 1] = wish end
  end
  if #unmet == 0 then break end
  local share = math.floor(left / #unmet)
  if share > 0 then
    for _, wish in ipairs(unmet) do grant(wish, math.min(share, wish.most - wish.granted)) end
  else
    for i = 1, left do grant(unmet[(now + i) % #unmet + 1], 1) end
  end
end

local senderWait = sender and close(sender, total) or 0
local wait = math.huge
local answer = { 0 }
for _, wish in ipairs(wishes) do
  local ownWait = wish.bucket and close(wish.bucket, wish.granted) or 0
  if wish.granted < wish.count then wait = math.min(wait, math.max(ownWait, senderWait)) end
  answer[#answer + 1] = wish.granted
end
if wait < math.huge then answer[1] = math.max(1, math.ceil(wait / 1000)) end
return answer
`

type Run = (keyCount: number, ...keysThenArguments: (string | number)[]) => Promise<number[]>

/**
 * The returned function takes as many tokens as there are, fairly spread over the wishes, in one round trip (none
 * where no limit applies or nothing is wished). Throws RedisAwayError when Redis does not answer within a second.
 *
 * Measured on two busy cores: 500 messages to 50 domains in 0.8 ms (median), 0.3 ms of it inside Redis.
 */
export function createTokens(redis: Redis | Cluster) {
  redis.defineCommand('weinterruptTakeTokens', { lua: SCRIPT })
  const scripts = redis as unknown as { weinterruptTakeTokens: Run }
  return async (sender: Bucket | undefined, wishes: readonly Wish[]): Promise<Tokens> => {
    const isLimited = sender !== undefined || wishes.some(({ bucket }) => bucket)
    if (!isLimited || wishes.every(({ count }) => count <= 0))
      return { granted: wishes.map(({ count }) => count), waitMs: 0 }
    const buckets = [sender, ...wishes.map(({ bucket }) => bucket)]
    const keys = buckets.flatMap(bucket => (bucket ? [keyOf(bucket.name)] : []))
    const rates = wishes.flatMap(({ bucket, count }) => [count, bucket?.limit.perHour ?? 0])
    const run = () =>
      scripts.weinterruptTakeTokens(keys.length, ...keys, sender?.limit.perHour ?? 0, ...rates)
    const [waitMs = 0, ...granted] = await answered(run)
    return { granted, waitMs }
  }
}

/**
 * The answer of Redis; throws RedisAwayError when there is none within a second. What was granted to one that came too
 * late is lost: less goes out for a moment, never more.
 */
export async function answered<T>(ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS} ms`)), ANSWER_MS)
  })
  try {
    return await Promise.race([ask(), late])
  } catch (error) {
    throw new RedisAwayError(error)
  } finally {
    clearTimeout(timer)
  }
}

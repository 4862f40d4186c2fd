// What Redis knows of an address: counters of requests, under keyed hashes, until their window ends. An erasure ends them.
import type { Cluster, Redis } from 'ioredis'
import { rateKey } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'

/** Looks through all keys, a few hundred at a time, for those that count this address. */
export async function forgetInRedis(
  redis: Redis | Cluster,
  keyring: Keyring,
  addressHash: Buffer,
): Promise<void> {
  const match = `*:${rateKey(keyring, addressHash)}:*`
  const nodes = 'nodes' in redis ? redis.nodes('master') : [redis]
  for (const node of nodes)
    for await (const keys of node.scanStream({ match, count: 500 }) as AsyncIterable<string[]>)
      for (const key of keys) await redis.del(key)
}

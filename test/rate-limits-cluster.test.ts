import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { isFree } from '../src/local/ports'
import { makeStaff, makeTopic } from './support/actors'
import { until } from './support/checker'
import { startMoreApi } from './support/more-api'
import { createPrivateRedis, type PrivateRedis } from './support/private-redis'
import { type Product, startProduct } from './support/product'
import { signUpFrom } from './support/visitor'

const SLOTS = 16_384
/** Nodes talk to each other on a port so far above; it has to be free as well, and none of an outgoing connection's. */
const BUS_ABOVE = 10_000
const HIGHEST_PORT = 32_767 - BUS_ABOVE
const files = [0, 1, 2].map(n => `nodes-${process.pid}-${Date.now()}-${n}.conf`)
const nodes: PrivateRedis[] = []
let clients: Redis[] = []
let product: Product

beforeAll(async () => {
  for (const file of files) nodes.push(await clusterNode(file))
  for (const node of nodes) await node.start()
  clients = nodes.map(({ url }) => new Redis(url))
  await joinCluster()
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(async () => {
  await product?.stop()
  for (const client of clients) client.disconnect()
  for (const node of nodes) await node.stop()
  for (const file of files) rmSync(join('/tmp', file), { force: true })
})

async function clusterNode(file: string): Promise<PrivateRedis> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-config-file', file]
  for (;;) {
    const node = await createPrivateRedis([...settings, '--cluster-announce-ip', '127.0.0.1'])
    const port = Number(new URL(node.url).port)
    if (port <= HIGHEST_PORT && (await isFree(port + BUS_ABOVE))) return node
  }
}

/** Each node gets a third of the slots. */
async function joinCluster(): Promise<void> {
  const share = Math.ceil(SLOTS / clients.length)
  for (const [n, client] of clients.entries()) {
    const last = Math.min((n + 1) * share, SLOTS) - 1
    await client.call('CLUSTER', 'ADDSLOTSRANGE', String(n * share), String(last))
    for (const { url } of nodes) await client.call('CLUSTER', 'MEET', '127.0.0.1', new URL(url).port)
  }
  for (const client of clients)
    await until(
      async () =>
        /cluster_state:ok.*cluster_known_nodes:3/s.test(String(await client.call('CLUSTER', 'INFO'))),
      'the cluster is up',
    )
}

test('a Redis Cluster counts over its nodes, and the breaker trips there', async () => {
  const REDIS_URL = nodes.map(({ url }) => url).join(',')
  const api = await startMoreApi(product, {
    REDIS_URL,
    RATE_LIMITS: 'network=2/h,9/d; site=100/h; breaker=4/h',
  })
  try {
    const site = { ...product, url: api.url }
    for (const ip of ['203.0.113.1', '198.51.100.1']) {
      for (let n = 1; n <= 2; n++) expect(await signUpFrom(site, ip)).toMatchObject({ accepted: true })
      expect((await signUpFrom(site, ip)).userErrors[0].code).toBe(
        ip.startsWith('203') ? 'RATE_LIMITED' : 'CHALLENGE_REQUIRED',
      )
    }
    const keys = await Promise.all(clients.map(client => client.keys('weinterrupt-rate-limit:*')))
    expect(keys.filter(own => own.length > 0).length).toBeGreaterThan(1)
  } finally {
    await api.stop()
  }
})

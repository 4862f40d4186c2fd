// How long the doors take for addresses of each kind: nobody may tell from it who is a reader (I11).
import { Agent, request } from 'node:http'
import { makeStaff, makeTopic } from '../support/actors'
import { startApiProcess } from '../support/api-process'
import { type AddressDoor, addressDoors, addressesOfEachKind, KINDS, type Kind } from '../support/enumeration'
import { type Product, startProduct } from '../support/product'
import { allSettled } from '../support/rows'
import type { Verdict } from './judge'
import { type Random, random } from './random'
import { mannWhitney, median } from './rank-test'
import type { TimesOptions } from './sigterm'
import { Workers } from './workers'

const OTHER_KINDS = KINDS.filter(kind => kind !== 'unknown')
const WARM_UP = 50
/** A difference counts when it is both unlikely by chance and large enough to be used from elsewhere. */
const SIGNIFICANT = 0.001
const USABLE_MS = 1

/** `times` samples of each kind at each door. A door fails for a kind that differs from unknown in two runs. */
export async function torturedByEnumeration({ seed, times }: TimesOptions): Promise<Verdict> {
  const product = await startProduct({ worker: false })
  const workers = new Workers(product.env)
  const verdict: Verdict = { mode: 'enumeration', seed, figures: { samples: times }, violations: [] }
  const api = await startApiProcess(product)
  try {
    await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
    workers.start()
    for (const door of addressDoors) {
      const dice = random(seed, door.name)
      const first = await differences({ ...product, url: api.url }, door, times, dice)
      for (const one of first) verdict.figures[`${door.name} ${one.kind}`] = inWords(one)
      const suspects = first.filter(isTelling)
      const second =
        suspects.length > 0 ? await differences({ ...product, url: api.url }, door, times, dice) : []
      for (const one of second.filter(isTelling)) {
        if (!suspects.some(({ kind }) => kind === one.kind)) continue
        const problem = `${door.name} tells ${one.kind} from unknown addresses: ${inWords(one)}`
        verdict.violations.push({ invariant: 'I11', newsletter: null, delivery: null, problem })
      }
    }
    return verdict
  } finally {
    await api.stop()
    await workers.stop()
    await product.stop()
  }
}

interface Difference {
  kind: Kind
  p: number
  medianMs: number
  differenceMs: number
}

const isTelling = ({ p, differenceMs }: Difference): boolean =>
  p < SIGNIFICANT && Math.abs(differenceMs) > USABLE_MS

const inWords = ({ p, medianMs, differenceMs }: Difference): string =>
  `${medianMs.toFixed(2)} ms, ${differenceMs >= 0 ? '+' : ''}${differenceMs.toFixed(3)} ms, p = ${p.toPrecision(2)}`

/** Every kind's times against those of unknown addresses, asked for in random order. */
async function differences(
  product: Product,
  door: AddressDoor,
  times: number,
  dice: Random,
): Promise<Difference[]> {
  const addresses = await addressesOfEachKind(product, times)
  await allSettled(product)
  const send = await sender(product, door)
  for (let n = 0; n < WARM_UP; n++) await send(`warm-up-${n}@example.org`)
  const order = KINDS.flatMap(kind => addresses[kind].map(email => ({ kind, email, at: dice.next() })))
  order.sort((one, other) => one.at - other.at)
  const measured: Record<Kind, number[]> = { unknown: [], pending: [], known: [], suppressed: [] }
  for (const { kind, email } of order) measured[kind].push(await send(email))
  return OTHER_KINDS.map(kind => ({
    kind,
    p: mannWhitney(measured.unknown, measured[kind]),
    medianMs: median(measured.unknown),
    differenceMs: median(measured[kind]) - median(measured.unknown),
  }))
}

/** Sends one address at a time over one open connection; answers the milliseconds until the whole answer was there. */
async function sender(product: Product, door: AddressDoor): Promise<(email: string) => Promise<number>> {
  const make = await door.prepare(product)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return email => {
    const { path, headers, body } = make(email)
    return new Promise((resolve, reject) => {
      const startedAt = performance.now()
      const length = { 'content-length': String(Buffer.byteLength(body)) }
      request(product.url + path, { method: 'POST', agent, headers: { ...headers, ...length } }, response => {
        response.on('end', () => {
          if (response.statusCode === 200) resolve(performance.now() - startedAt)
          else reject(new Error(`${door.name} answered ${response.statusCode}`))
        })
        response.resume()
      })
        .on('error', reject)
        .end(body)
    })
  }
}

// List bombing: thousands of sign-ups for one address, and from one network for thousands of addresses.
import { randomUUID } from 'node:crypto'
import { makeStaff, makeTopic, REGISTER, registerInput, uniqueAddress } from '../support/actors'
import { mailsTo } from '../support/mail'
import { type Product, startProduct } from '../support/product'
import { allSettled } from '../support/rows'
import { askFrom } from '../support/visitor'
import type { Verdict } from './judge'
import type { TimesOptions } from './sigterm'
import { Workers } from './workers'

const AT_ONCE = 20
/** The shipped rate of one network. */
const NETWORK_BUDGET = 5

/** `times` posts of each kind: one mail to the address, and no more mails from the network than its rate. */
export async function torturedBySignUps({ seed, times }: TimesOptions): Promise<Verdict> {
  const product = await startProduct({ worker: false, env: { LEASE_SECONDS: '10' } })
  const workers = new Workers(product.env)
  const verdict: Verdict = { mode: 'sign-ups', seed, figures: { posts: 2 * times }, violations: [] }
  try {
    await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
    workers.start()
    const victim = uniqueAddress()
    const started = Date.now()
    // From this machine nothing is limited: only the mail budget of the address stands.
    await post(product, times, () => ({ ip: '127.0.0.1', email: victim }))
    const answered = Date.now()
    await quiet(product)
    verdict.figures.oneAddressPostSeconds = seconds(answered - started)
    verdict.figures.oneAddressSettleSeconds = seconds(Date.now() - answered)
    check(verdict, 'mailsToOneAddress', mailsTo(product, victim).length, 1)
    const attempts = product.sink.commands.filter(command => command.includes(victim)).length
    check(verdict, 'attemptsToOneAddress', attempts, 1)
    const before = product.sink.accepted().length
    await post(product, times, n => ({ ip: `203.0.113.${n % 256}`, email: uniqueAddress() }))
    await quiet(product)
    check(verdict, 'mailsFromOneNetwork', product.sink.accepted().length - before, NETWORK_BUDGET)
    return verdict
  } finally {
    await workers.stop()
    await product.stop()
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1)

function check(verdict: Verdict, name: string, count: number, most: number): void {
  verdict.figures[name] = count
  const problem = `${name} is ${count}, allowed ${most}`
  if (count > most) verdict.violations.push({ invariant: 'I6', newsletter: null, delivery: null, problem })
}

async function post(
  product: Product,
  times: number,
  visitor: (n: number) => { ip: string; email: string },
): Promise<void> {
  const input = await registerInput(product, ['topic:weekly'])
  let next = 0
  const lane = async () => {
    while (next < times) {
      const { ip, email } = visitor(next++)
      const variables = { input: { ...input, email, idempotencyKey: randomUUID() } }
      let { status } = await askFrom(product, ip, REGISTER, variables)
      // A machine that is busy with other things sheds some.
      while (status === 503) status = (await askFrom(product, ip, REGISTER, variables)).status
      if (status !== 200 && status !== 429) throw new Error(`A sign-up was answered ${status}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

/** The worker may take minutes for thousands of notices. */
async function quiet(product: Product): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return void (await allSettled(product))
    } catch (error) {
      if (tries === 40) throw error
    }
  }
}

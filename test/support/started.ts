// A newsletter brought to the point where a worker would ask the gate, by the verbs the worker uses.
import { setTimeout as sleep } from 'node:timers/promises'
import { type GateAnswer, passGates } from '../../src/consent/gate'
import { claimRange, type RangeClaim } from '../../src/deliveries/claim'
import { Delivery } from '../../src/entities/delivery'
import type { Newsletter } from '../../src/entities/newsletter'
import { Reader } from '../../src/entities/reader'
import { Topic } from '../../src/entities/topic'
import { expand } from '../../src/newsletters/expand'
import { transaction } from '../../src/transaction'
import { makeNewsletter, type Staff, scheduleNow } from './actors'
import { newsletterOf } from './checker'
import type { Product } from './product'

export interface Started {
  newsletter: Newsletter
  purposeId: number
  claim: RangeClaim
  /** Asks the gate for a message composed from this version of the reader, by default the present one. */
  gate(readerId: number, readerVersion?: number): Promise<GateAnswer>
  row(readerId: number): Promise<Delivery>
}

const LEASE_MS = 120_000

/** Started, expanded, and its first range claimed. The product must have no worker. */
export async function startNewsletter(product: Product, staff: Staff, topicId: string): Promise<Started> {
  const { db } = product.connections
  const { id: publicId } = await makeNewsletter(product, staff, topicId)
  await scheduleNow(product, staff, publicId)
  const { id } = await newsletterOf(product, publicId)
  await expand(db, id, product.config)
  const claim = await transaction(db, tx => claimRange(tx, id, LEASE_MS))
  const newsletter = await newsletterOf(product, publicId)
  const topic = await db.manager.findOneByOrFail(Topic, { id: newsletter.topicId })
  if (!claim) throw new Error('Nothing to claim')
  return {
    newsletter,
    purposeId: topic.purposeId,
    claim,
    async gate(readerId, readerVersion) {
      const reader = await db.manager.findOneByOrFail(Reader, { id: readerId })
      const question = { claim, readerId, readerVersion: readerVersion ?? reader.version }
      const group = { newsletterId: id, purposeId: topic.purposeId, questions: [question], sent: [] }
      for (;;) {
        const [answer] = await passGates(product.connections.packets, group)
        if (!answer) throw new Error('No answer')
        if (answer.kind === 'passed' || answer.reason !== 'READER_BUSY') return answer
        await sleep(10)
      }
    },
    row: readerId => db.manager.findOneByOrFail(Delivery, { newsletterId: id, readerId }),
  }
}

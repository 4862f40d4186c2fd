// One delivery: compose, hand off through the gate, settle.
import type { Claim } from '../deliveries/claim'
import { skipUnfit } from '../deliveries/skip-unfit'
import { SkipReason } from '../entities/delivery'
import type { Message } from '../mail/message'
import { MissingKeyError } from '../secrets/keyring'
import { transaction } from '../transaction'
import { composeDelivery } from './compose-delivery'
import { conclude, type Next, type Sending } from './conclude'
import { type DeliveryRow, loadReaders } from './load-deliveries'

/** A reader who changes something in the same second as it is sent is composed again this often. */
const MAX_RECOMPOSED = 3

export async function handOffDelivery(sending: Sending, claim: Claim, row: DeliveryRow): Promise<Next> {
  const { context, mail, lane } = sending
  const { readerId } = row
  let current: DeliveryRow | undefined = row
  for (let tries = 0; current && tries < MAX_RECOMPOSED; tries++) {
    const message = await composed(sending, current)
    if (!message) return 'go-on'
    const question = { claim, readerId, readerVersion: current.version }
    const result = await context.smtp.handOff(
      message,
      () => context.gates.ask(question, mail.purposeId),
      lane,
    )
    if (result.kind !== 'refused' || result.reason !== 'READER_CHANGED')
      return conclude(sending, claim, row, result)
    current = (await loadReaders(context, mail, [readerId]))[0]
  }
  return 'go-on'
}

/** The message, or undefined after skipping a row whose message cannot be made: one bad row stops nobody else. */
async function composed({ context, mail }: Sending, row: DeliveryRow): Promise<Message | undefined> {
  try {
    return await composeDelivery(context, mail, row)
  } catch (error) {
    // A worker that lacks a key must not judge anybody: the rows are for one that has it.
    if (error instanceof MissingKeyError) throw error
    const newsletterId = mail.newsletter.id
    context.log.error({ newsletterId, err: error }, 'a message could not be composed')
    await transaction(context.db, tx => skipUnfit(tx, newsletterId, row.readerId, SkipReason.RENDER_ERROR))
    return undefined
  }
}

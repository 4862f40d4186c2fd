// The registry of third parties: adding and changing them, what they signed, whether they are active.
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { Agreement } from '../entities/agreement'
import { Processor, ProcessorPurpose, ProcessorStatus } from '../entities/processor'
import { withAgreement } from './agreements'

export type ProcessorFacts = Omit<Processor, 'id' | 'publicId' | 'status'> & {
  purposeIds: readonly number[]
}

/** Adds a processor as a draft, or changes one: what is passed from this commit on is what it says now. */
export async function saveProcessor(
  tx: EntityManager,
  id: number | undefined,
  { purposeIds, ...facts }: ProcessorFacts,
): Promise<Processor> {
  const known = id ? await lockProcessor(tx, id) : undefined
  const processor = await tx.save(
    known
      ? Object.assign(known, facts)
      : tx.create(Processor, { ...facts, publicId: uuidv7(), status: ProcessorStatus.DRAFT }),
  )
  await tx.delete(ProcessorPurpose, { processorId: processor.id })
  if (purposeIds.length > 0)
    await tx.insert(
      ProcessorPurpose,
      [...new Set(purposeIds)].map(purposeId => ({ processorId: processor.id, purposeId })),
    )
  return processor
}

/** Who passes data shares this lock, so that suspending waits for what is being passed and stops all that follows. */
export const lockProcessor = (tx: EntityManager, id: number): Promise<Processor> =>
  tx.findOneOrFail(Processor, { where: { id }, lock: { mode: 'pessimistic_write' } })

export async function addAgreement(
  tx: EntityManager,
  processorId: number,
  facts: Omit<Agreement, 'id' | 'publicId' | 'processorId'>,
): Promise<Agreement> {
  await lockProcessor(tx, processorId)
  return tx.save(tx.create(Agreement, { ...facts, processorId, publicId: uuidv7() }))
}

/** Undefined: it cannot be ACTIVE without an agreement that stands, and ENDED is the end. */
export async function setProcessorStatus(
  tx: EntityManager,
  id: number,
  status: ProcessorStatus,
): Promise<Processor | undefined> {
  const processor = await lockProcessor(tx, id)
  if (processor.status === ProcessorStatus.ENDED) return undefined
  if (status === ProcessorStatus.ACTIVE && !(await withAgreement(tx, [id])).has(id)) return undefined
  return tx.save(Object.assign(processor, { status }))
}

// Releasing the data of one reader to an authority (P10): asked for by one admin, approved by another, handed out once.
import { randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { hasOtherApprovers } from '../consent/other-approvers'
import { LawfulDisclosure } from '../entities/lawful-disclosure'
import { Reader } from '../entities/reader'
import { redact } from '../log'
import type { Keyring } from '../secrets/keyring'
import { makeToken } from '../secrets/token'
import { databaseTime } from '../transaction'

export interface LawfulRequest {
  readerId: number
  authority: string
  basis: string
  fileNumber: string
  scope: string
  tellNotBefore: Date | null
  silenceReason: string | null
  requestedById: number
}

/** Writes down what an authority wants; nothing is released by it. Undefined: the reader is erased. Addresses are masked. */
export async function recordLawfulDisclosure(
  tx: EntityManager,
  keyring: Pick<Keyring, 'currentId'>,
  { authority, basis, fileNumber, scope, silenceReason, ...request }: LawfulRequest,
): Promise<LawfulDisclosure | undefined> {
  if (!(await lockPresentReader(tx, request.readerId))) return undefined
  return tx.save(
    tx.create(LawfulDisclosure, {
      ...request,
      authority: redact(authority),
      basis: redact(basis),
      fileNumber: redact(fileNumber),
      scope: redact(scope),
      silenceReason: silenceReason && redact(silenceReason),
      publicId: uuidv7(),
      requestedAt: await databaseTime(tx),
      approvedById: null,
      approvedAt: null,
      handedOutById: null,
      handedOutAt: null,
      extractHash: null,
      toldAt: null,
      noticeId: null,
      ticket: randomBytes(16),
      keyId: keyring.currentId,
    }),
  )
}

/** The reader, locked, as long as there is one to speak of: an erased one is nobody any more. */
export async function lockPresentReader(tx: EntityManager, id: number): Promise<Reader | undefined> {
  const reader = await tx.findOne(Reader, { where: { id }, lock: { mode: 'pessimistic_write' } })
  return reader?.addressHash && !reader.erasedAt ? reader : undefined
}

export type Approval =
  /** `isAlone`: there was nobody to ask, so a day had to pass. */
  | { kind: 'approved'; isAlone: boolean }
  | { kind: 'approval-required' }
  /** Approved before, or the reader has been erased meanwhile. */
  | { kind: 'invalid-state' }

const DAY_MS = 24 * 3_600_000

/** The second person's yes, which opens the one download. DESIGN §6: with a single admin it is a day later instead. */
export async function approveLawfulDisclosure(
  tx: EntityManager,
  id: number,
  staffId: number,
): Promise<Approval> {
  const lock = { mode: 'pessimistic_write' } as const
  const { readerId } = await tx.findOneByOrFail(LawfulDisclosure, { id })
  const reader = await lockPresentReader(tx, readerId)
  const asked = await tx.findOneOrFail(LawfulDisclosure, { where: { id }, lock })
  if (!reader || asked.approvedAt) return { kind: 'invalid-state' }
  const approvedAt = await databaseTime(tx)
  const isAlone = asked.requestedById === staffId
  const isDayLater = approvedAt.getTime() - asked.requestedAt.getTime() >= DAY_MS
  if (isAlone && (!isDayLater || (await hasOtherApprovers(tx, staffId, ['ADMIN']))))
    return { kind: 'approval-required' }
  await tx.update(LawfulDisclosure, id, { approvedById: staffId, approvedAt })
  return { kind: 'approved', isAlone }
}

/** For how long after the approval the extract can be downloaded. */
export const EXTRACT_DAYS = 7

/** Whether the download is still to come. */
export const isOpenExtract = (
  { approvedAt, handedOutAt }: Pick<LawfulDisclosure, 'approvedAt' | 'handedOutAt'>,
  now: Date,
): boolean =>
  approvedAt !== null && handedOutAt === null && now.getTime() - approvedAt.getTime() < EXTRACT_DAYS * DAY_MS

/** What the address of the download ends with. Throws MissingKeyError once its key has left the ring. */
export const extractTicket = (
  keyring: Keyring,
  { ticket, keyId }: Pick<LawfulDisclosure, 'ticket' | 'keyId'>,
): string => makeToken(keyring, 'lawful-disclosure', ticket, keyId)

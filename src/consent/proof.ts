// What a yes must show: that it came from whoever reads the address's mail. There is no other way to a sendable state.
import { z } from 'zod'
import type { Consent, ConsentState } from '../entities/consent'
import { type ConsentEvent, ConsentMethod, ConsentSurface } from '../entities/consent-event'

/**
 * A link was mailed and its POST answered; or a code was mailed and entered at `provedAt` (`code` is the hex SHA-256 of
 * its request's reference); or an import brings evidence from elsewhere (`source` is the hex SHA-256 of that evidence),
 * collected at `collectedAt`.
 */
export type Proof =
  | { kind: 'LINK' }
  | { kind: 'CODE'; code: string; provedAt: Date }
  | { kind: 'IMPORT'; source: string; collectedAt: Date }

/** The part of a fact that decides whether it is a yes that counts. */
export interface Answer {
  toState: ConsentState
  surface: ConsentSurface
  method: ConsentMethod
  /** READER, or a staff role. */
  actor: string
  at: Date
  /** Of every yes, and of nothing else. */
  proof?: Proof
}

type KeptAnswer = Pick<ConsentEvent, 'method' | 'toState' | 'evidence'>

/** DESIGN §6: how long a mailed code that was entered counts as a double opt-in. */
const PROOF_MS = 30 * 60_000
const SHA256_HEX = /^[0-9a-f]{64}$/

export const isSendable = (state: ConsentState | undefined): boolean =>
  state === 'ConsentGiven' || state === 'RenewedConsentGiven'

/**
 * Throws on an answer that would make consent out of less than a double opt-in, or a renewal of what was never given.
 * `before` is what stands for that purpose so far. Callers have checked before: what comes here wrong is a bug.
 */
export function mustBeAllowed(answer: Answer, before: Consent | undefined): void {
  const problem = isSendable(answer.toState) ? problemOfYes(answer, before) : answer.proof && 'needs no proof'
  if (problem) throw new Error(`${answer.toState} by ${answer.method} ${problem}`)
}

function problemOfYes(answer: Answer, before: Consent | undefined): string | undefined {
  if (answer.toState === 'RenewedConsentGiven' && !before?.givenAt) return 'renews what was never given'
  const { proof } = answer
  switch (proof?.kind) {
    case 'LINK':
      return answer.method === ConsentMethod.CONFIRM_LINK ? undefined : 'has not answered a mailed link'
    case 'CODE':
      return problemOfCode(answer, proof)
    case 'IMPORT':
      return problemOfImport(answer, proof, before)
    default:
      return 'has no proof'
  }
}

function problemOfCode(answer: Answer, { code, provedAt }: Proof & { kind: 'CODE' }): string | undefined {
  if (!SHA256_HEX.test(code)) return 'names no code'
  if (answer.actor !== 'READER') return 'has the code of somebody else'
  const age = answer.at.getTime() - provedAt.getTime()
  return age >= 0 && age <= PROOF_MS ? undefined : 'has a code entered at another time'
}

/** Evidence from elsewhere says nothing about what the person answered here: it only fills what was never asked. */
function problemOfImport(
  answer: Answer,
  { source, collectedAt }: Proof & { kind: 'IMPORT' },
  before: Consent | undefined,
): string | undefined {
  if (!SHA256_HEX.test(source)) return 'names no evidence'
  if (answer.surface !== ConsentSurface.IMPORT) return 'is no import'
  if (before && before.state !== 'ConsentUnknown') return 'overrules an answer given here'
  return collectedAt <= answer.at ? undefined : 'was collected in the future'
}

/** As they are kept in the event's evidence. */
export function proofFields(proof: Proof | undefined): Record<string, string> {
  switch (proof?.kind) {
    case undefined:
      return {}
    case 'LINK':
      return { proof: 'LINK' }
    case 'CODE':
      return { proof: 'CODE', code: proof.code, provedAt: proof.provedAt.toISOString() }
    case 'IMPORT':
      return { proof: 'IMPORT', source: proof.source, collectedAt: proof.collectedAt.toISOString() }
  }
}

const keptProof = z.discriminatedUnion('proof', [
  z.object({ proof: z.literal('LINK') }),
  z.object({ proof: z.literal('CODE'), code: z.string(), provedAt: z.iso.datetime() }),
  z.object({ proof: z.literal('IMPORT'), source: z.string(), collectedAt: z.iso.datetime() }),
])

/**
 * The proof in an event's evidence; undefined when there is none. Before proofs were named, a link was the only one.
 * Throws on evidence that is no JSON.
 */
export function proofIn({ method, toState, evidence }: KeptAnswer): Proof | undefined {
  if (!isSendable(toState)) return undefined
  const fields = JSON.parse(evidence) as { proof?: unknown }
  if (fields.proof === undefined) return method === ConsentMethod.CONFIRM_LINK ? { kind: 'LINK' } : undefined
  const { data } = keptProof.safeParse(fields)
  switch (data?.proof) {
    case undefined:
      return undefined
    case 'LINK':
      return { kind: 'LINK' }
    case 'CODE':
      return { kind: 'CODE', code: data.code, provedAt: new Date(data.provedAt) }
    case 'IMPORT':
      return { kind: 'IMPORT', source: data.source, collectedAt: new Date(data.collectedAt) }
  }
}

/** When the person said it: with evidence from elsewhere, earlier than we wrote it down. Its validity runs from there. */
export const saidAt = ({ at, proof }: Answer): Date => (proof?.kind === 'IMPORT' ? proof.collectedAt : at)

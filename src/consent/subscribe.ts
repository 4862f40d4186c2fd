// Records a request to be signed up. It changes nothing of an existing reader and answers the same for every address (I11).
import { randomBytes } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { ConsentSurface } from '../entities/consent-event'
import { type RegisteredDecision, Registration } from '../entities/registration'
import { addressHash, fingerprint } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'
import { seal } from '../secrets/seal'
import { databaseTime } from '../transaction'

/** DESIGN §6: the confirm link lives 72 hours. */
export const CONFIRM_HOURS = 72

export interface SubscribeRequest {
  /** The canonical form is sealed: it goes into RCPT as it is, byte for byte (I13). */
  address: { canonical: string }
  name: string | null
  locale: string
  timeZone: string | null
  policyVersionId: number
  decisions: RegisteredDecision[]
  surface: ConsentSurface
  agePassed: number
  idempotencyKey: string
}

export type Subscribed =
  | { kind: 'recorded'; registration: Registration }
  | { kind: 'repeated' }
  | { kind: 'mismatch' }

/**
 * Writes the pending registration. The same idempotency key with the same request does nothing again (`repeated`),
 * with another request it is a `mismatch` and nothing is written.
 */
export async function subscribe(
  tx: EntityManager,
  keyring: Keyring,
  request: SubscribeRequest,
): Promise<Subscribed> {
  const idempotencyHash = fingerprint(keyring, 'register-key', request.idempotencyKey)
  const requestHash = fingerprint(keyring, 'register', JSON.stringify(request))
  const earlier = await tx.findOneBy(Registration, { idempotencyHash })
  if (earlier) return { kind: earlier.requestHash.equals(requestHash) ? 'repeated' : 'mismatch' }
  const registration = tx.create(Registration, {
    ...sealed(keyring, request, await databaseTime(tx)),
    addressHash: addressHash(keyring, request.address.canonical),
    idempotencyHash,
    requestHash,
  })
  await tx.save(registration)
  return { kind: 'recorded', registration }
}

function sealed(keyring: Keyring, request: SubscribeRequest, now: Date): Partial<Registration> {
  const reference = randomBytes(16)
  const owner = reference.toString('hex')
  const email = seal(keyring, request.address.canonical, `registration.email:${owner}`)
  const name = request.name === null ? null : seal(keyring, request.name, `registration.name:${owner}`)
  return {
    reference,
    emailSealed: email.data,
    nameSealed: name?.data ?? null,
    keyId: email.keyId,
    locale: request.locale,
    timeZone: request.timeZone,
    policyVersionId: request.policyVersionId,
    decisions: request.decisions,
    surface: request.surface,
    agePassed: request.agePassed,
    createdAt: now,
    expiresAt: new Date(now.getTime() + CONFIRM_HOURS * 3_600_000),
    confirmedAt: null,
    readerId: null,
  }
}

// A proof of work, asked for only while the sign-up breaker is tripped. Made, signed and checked here, by no third party.
import { createChallenge, type Payload, randomInt, verifySolution } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { answered } from '../mail/rate-tokens'
import { fingerprint } from '../secrets/address-hash'
import type { Services } from './context'
import { UnavailableError } from './errors'

const LIFE_MS = 20 * 60_000
/** About two seconds of a laptop's time on average: PBKDF2 of 1,000 rounds, counted up to a number in this range. */
const ROUNDS = 1000
const FROM = 3000
const TO = 9000

type Needed = Pick<Services, 'keyring' | 'redis'>

const secretsOf = ({ keyring }: Needed) => {
  const secret = (use: string) => fingerprint(keyring, 'challenge', use).toString('hex')
  return { hmacSignatureSecret: secret('challenge'), hmacKeySignatureSecret: secret('solution') }
}

/** A challenge as JSON in altcha's format 2. It says nothing about who got it, and is good for 20 minutes. */
export async function makeChallenge(services: Needed): Promise<string> {
  const challenge = await createChallenge({
    algorithm: 'PBKDF2/SHA-256',
    cost: ROUNDS,
    counter: randomInt(TO, FROM),
    deriveKey,
    expiresAt: new Date(Date.now() + LIFE_MS),
    ...secretsOf(services),
  })
  return JSON.stringify(challenge)
}

/** Whether the text (JSON or its base64) solves a challenge of ours that is still good; each is taken once. */
export async function isSolved(services: Needed, text: string): Promise<boolean> {
  const payload = parsed(text)
  if (!payload) return false
  const { verified } = await verifySolution({ ...payload, deriveKey, ...secretsOf(services) }).catch(() => ({
    verified: false,
  }))
  if (!verified) return false
  const key = `weinterrupt-challenge:${fingerprint(services.keyring, 'challenge-used', String(payload.challenge.signature)).toString('base64url')}`
  try {
    return (await answered(() => services.redis.set(key, '', 'PX', LIFE_MS, 'NX'))) === 'OK'
  } catch (error) {
    throw new UnavailableError(error)
  }
}

const MAX_LENGTH = 4000

function parsed(text: string): Payload | undefined {
  if (text.length > MAX_LENGTH) return undefined
  try {
    const json = text.startsWith('{') ? text : Buffer.from(text, 'base64').toString('utf8')
    const payload = JSON.parse(json) as Payload | null
    return payload?.challenge?.parameters && payload.solution ? payload : undefined
  } catch {
    return undefined
  }
}

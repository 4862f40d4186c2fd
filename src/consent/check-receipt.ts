// Checks a receipt without any server: the signature, and that its events form one reader's chain with the words they name.
import { z } from 'zod'
import type { ConsentEvent } from '../entities/consent-event'
import { canonicalJson, type Json } from '../secrets/canonical-json'
import { isSignedBy } from '../secrets/ledger-signer'
import { GENESIS, hashOf } from './ledger'
import { hashOfWording } from './purposes'

const bytes = (encoding: 'hex' | 'base64') => z.string().transform(text => Buffer.from(text, encoding))
const hashed = z.object({
  recordVersion: z.number(),
  publicId: z.string(),
  principal: z.string(),
  position: z.number(),
  previousHash: bytes('hex'),
  purposeId: z.number(),
  fromState: z.string(),
  toState: z.string(),
  purposeVersionId: z.number(),
  wordingHash: bytes('hex'),
  policyVersionId: z.number(),
  policyHash: bytes('hex'),
  surface: z.string(),
  method: z.string(),
  actor: z.string(),
  at: z.iso.datetime().transform(text => new Date(text)),
  evidence: z.string(),
  termsHash: bytes('hex').nullable(),
})
const words = z.object({
  locale: z.string(),
  title: z.string(),
  description: z.string(),
  cadence: z.string().nullable(),
})
const receiptFile = z.object({
  receipt: z.looseObject({
    'dct:created': z.string(),
    'dct:publisher': z.string(),
    'dpv:hasRecordOfActivity': z.array(
      z.looseObject({
        events: z.array(z.looseObject({ words: words.nullable(), hashed, hash: bytes('hex') })),
      }),
    ),
  }),
  signature: z.looseObject({ publicKey: bytes('base64'), value: bytes('base64') }),
})

export interface CheckedReceipt {
  /** Undefined: everything is as it was signed. */
  problem: string | undefined
  publicKey: Buffer
  publisher: string
  createdAt: string
  consents: number
  events: number
}

/**
 * Undefined: the text is no receipt. Without `publicKey` the signature is checked with the key in the file itself, which
 * says only that nothing was changed since: whose key it is must be compared.
 */
export function checkReceipt(text: string, publicKey?: Buffer): CheckedReceipt | undefined {
  const raw = parsed(text)
  const { data } = receiptFile.safeParse(raw)
  if (!data) return undefined
  const { receipt, signature } = data
  const records = receipt['dpv:hasRecordOfActivity']
  const key = publicKey ?? signature.publicKey
  const signed = canonicalJson((raw as { receipt: Json }).receipt)
  return {
    problem: isSignedBy(key, signed, signature.value)
      ? problemOfChain(records.flatMap(one => one.events))
      : 'The signature is not of this key over this receipt.',
    publicKey: key,
    publisher: receipt['dct:publisher'],
    createdAt: receipt['dct:created'],
    consents: records.length,
    events: records.reduce((sum, one) => sum + one.events.length, 0),
  }
}

type KeptEvent = z.infer<typeof receiptFile>['receipt']['dpv:hasRecordOfActivity'][number]['events'][number]

function problemOfChain(events: KeptEvent[]): string | undefined {
  let previous: Buffer = GENESIS
  for (const event of events.sort((one, other) => one.hashed.position - other.hashed.position)) {
    const { hash, hashed: fields, words: said } = event
    const where = `Event ${fields.position}`
    if (!fields.previousHash.equals(previous)) return `${where} does not continue the one before it.`
    if (!hash.equals(hashOf(fields as ConsentEvent))) return `${where} is not what its hash covers.`
    if (!said || !fields.wordingHash.equals(hashOfWording(said))) return `${where} names other words.`
    previous = hash
  }
  return undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// The 16 random bytes that stand for one newsletter × reader in links, Message-IDs and return paths.

const NEWSLETTER_BYTES = 6

/** newsletter.reference (6 bytes) followed by reader.reference (10 bytes): random, no counter, nothing stored per mail. */
export const joinReference = (newsletter: Buffer, reader: Buffer): Buffer =>
  Buffer.concat([newsletter, reader])

export const splitReference = (reference: Buffer): { newsletter: Buffer; reader: Buffer } => ({
  newsletter: reference.subarray(0, NEWSLETTER_BYTES),
  reader: reference.subarray(NEWSLETTER_BYTES),
})

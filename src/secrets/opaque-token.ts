// Tokens that mean nothing by themselves: random for their owner, a hash in the database.
import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits as 43 letters of base64url. */
export const randomToken = (): string => randomBytes(32).toString('base64url')

/** SHA-256, all that is stored. A random token needs no salt and no slow hash. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()

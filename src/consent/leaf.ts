// What checkpoints and tombstones are computed from: one line for each event, in the order of ids.
import { createHash } from 'node:crypto'

export interface Leaf {
  id: number
  principal: string
  position: number
  hash: Buffer
}

export const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()

const line = ({ id, principal, position, hash }: Leaf): string =>
  `${id} ${principal} ${position} ${hash.toString('hex')}\n`

export const digestOf = (leaves: readonly Leaf[]): Buffer => sha256(leaves.map(line).join(''))

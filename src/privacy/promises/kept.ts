// What every promise is shown with: figures of this database and this site, and what of it is not as promised.
import type { DataSource } from 'typeorm'
import type { Config } from '../../config'
import type { MessageKey, MessageValues } from '../../messages'

export const promiseIds = [
  ...['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7'],
  ...['P8', 'P9', 'P10', 'P11', 'P12', 'P13', 'P14'],
] as const

/** Where the proof is looked for. */
export interface PromiseMeans {
  db: DataSource
  config: Pick<Config, 'smtpServers' | 'minimumAge' | 'ownHosts'>
  /** Where the pages answer, as this machine reaches them. */
  origin: string
}

export type BrokenKey = Extract<MessageKey, `promise.broken.${string}`>

/** One promise as it was found just now. */
export interface Found {
  /** For the sentence `promise.ID.evidence`. */
  figures: MessageValues
  /** Empty: it holds. Otherwise why not, each with how much or what of it. */
  broken: readonly { key: BrokenKey; values: MessageValues }[]
}

/** A list of what is wrong out of pairs: the count or text of each, where 0 and '' are nothing wrong. */
export const wrong = (...found: [key: BrokenKey, what: number | string][]): Found['broken'] =>
  found.filter(([, what]) => what !== 0 && what !== '').map(([key, what]) => ({ key, values: { what } }))

/** So many of the latest rows are looked at where there may be millions: anybody may ask (I15). */
export const LATEST = 10_000

// The command line of `npm run bench`.
import { parseArgs } from 'node:util'

export const figureNames = [
  'smtpSource',
  'bareNodemailer',
  'endToEnd',
  'endToEndFastSink',
  'endToEndEd25519',
  'endToEndRsa',
  'expansion',
  'heap',
  'secondWorker',
  'withdrawals',
] as const
export type FigureName = (typeof figureNames)[number]

/** How many messages or readers each measurement uses. */
export interface Sizes {
  smtpSource: number
  bareNodemailer: number
  send: number
  expansion: number
  heapSmall: number
  heapLarge: number
  delayedPerConnection: number
  underWithdrawals: number
}

const full: Sizes = {
  smtpSource: 20_000,
  bareNodemailer: 3_000,
  send: 120_000,
  expansion: 1_000_000,
  heapSmall: 50_000,
  heapLarge: 500_000,
  delayedPerConnection: 1_000,
  underWithdrawals: 60_000,
}

const quick: Sizes = {
  smtpSource: 10_000,
  bareNodemailer: 1_000,
  send: 3_000,
  expansion: 100_000,
  heapSmall: 5_000,
  heapLarge: 50_000,
  delayedPerConnection: 100,
  underWithdrawals: 5_000,
}

export interface Options {
  json: boolean
  isQuick: boolean
  sizes: Sizes
  rounds: number
  /** SMTP connections of one worker. */
  connections: number
  only: ReadonlySet<FigureName>
  externalSink: { host: string; port: number } | undefined
}

export const usage = `npm run bench -- [--quick] [--json] [--rounds N] [--connections N] [--sink HOST:PORT] [--only NAME[,NAME]]
  names: ${figureNames.join(', ')}
npm run bench -- api   what the API does, alone and under attack`

/** Throws an Error in plain words for anything it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      // Where group-committed gates stop gaining; a near relay is happy with fewer.
      connections: { type: 'string', default: '160' },
      sink: { type: 'string' },
      only: { type: 'string' },
    },
  })
  return {
    json: values.json,
    isQuick: values.quick,
    sizes: values.quick ? quick : full,
    rounds: whole('--rounds', values.rounds, 1, 99),
    connections: whole('--connections', values.connections, 1, 500),
    only: new Set(values.only?.split(',').map(figure) ?? figureNames),
    externalSink: values.sink === undefined ? undefined : hostAndPort(values.sink),
  }
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new Error(`${name} must be a whole number from ${min} to ${max}`)
  return value
}

function figure(name: string): FigureName {
  const known = figureNames.find(one => one === name.trim())
  if (!known) throw new Error(`--only does not know ${name}`)
  return known
}

function hostAndPort(text: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(text) ?? []
  if (!host) throw new Error('--sink must be HOST:PORT')
  return { host, port: whole('--sink port', port, 1, 65_535) }
}

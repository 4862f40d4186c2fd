// The rates that are compared: measured in turns, round after round, so that whatever else the machine does hits all.
import { bareNodemailer, smtpSource, writeSample } from './baselines'
import { type Algorithm, dkimEnv, provesSigning } from './dkim'
import type { FigureName, Options } from './options'
import { say } from './processes'
import { type Sent, send } from './send'
import { externalSink, type Sink, startFastSink, startSmtpSink } from './sinks'
import { openSite, type Servers, type Site } from './site'

export interface Rounds {
  smtpSource: number[]
  bareNodemailer: number[]
  endToEnd: Sent[]
  endToEndFastSink: Sent[]
  /** Empty when the worker cannot sign. */
  endToEndEd25519: Sent[]
  endToEndRsa: Sent[]
}

/** The 1 % leave within the first half of a run about as fast as the last. */
const leavingAt = (messagesPerSecond: number) => ({
  share: 0.01,
  perSecond: messagesPerSecond / 50,
  by: 'verb' as const,
})

export const fastSinkOf =
  (servers: Servers, { externalSink: place }: Options) =>
  (): Promise<Sink> =>
    place ? Promise.resolve(externalSink(place)) : startFastSink(servers.dir)

export async function runRounds(servers: Servers, options: Options): Promise<Rounds> {
  const rounds: Rounds = {
    smtpSource: [],
    bareNodemailer: [],
    endToEnd: [],
    endToEndFastSink: [],
    endToEndEd25519: [],
    endToEndRsa: [],
  }
  const names = (Object.keys(rounds) as (keyof Rounds)[]).filter(name => options.only.has(name as FigureName))
  if (names.length === 0) return rounds
  const sample = await writeSample(servers.dir)
  const needsSite = names.some(name => name.startsWith('endToEnd'))
  const site = needsSite ? await openSite(servers) : undefined
  const dkim = site ? await signingEnvs(site, options) : new Map<Algorithm, NodeJS.ProcessEnv>()
  for (let round = 1; round <= options.rounds; round++) {
    say(`round ${round} of ${options.rounds}`)
    if (names.includes('smtpSource')) rounds.smtpSource.push(await yardstick(servers, options, sample))
    if (names.includes('bareNodemailer')) rounds.bareNodemailer.push(await bare(servers, options))
    if (site) await sendAll(site, options, names, dkim, rounds)
    // Once more at the end: the machine may have got slower or faster meanwhile.
    if (names.includes('smtpSource')) rounds.smtpSource.push(await yardstick(servers, options, sample))
  }
  await site?.close()
  return rounds
}

async function signingEnvs(site: Site, { only }: Options): Promise<Map<Algorithm, NodeJS.ProcessEnv>> {
  const envs = new Map<Algorithm, NodeJS.ProcessEnv>()
  for (const [algorithm, name] of [
    ['ed25519', 'endToEndEd25519'],
    ['rsa', 'endToEndRsa'],
  ] as const) {
    const env = only.has(name) ? dkimEnv(site.dir, algorithm) : undefined
    if (!env) continue
    await provesSigning(site, algorithm, env)
    envs.set(algorithm, env)
  }
  return envs
}

async function yardstick({ dir }: Servers, { sizes }: Options, sample: string): Promise<number> {
  const sink = await startSmtpSink(dir)
  const rate = await smtpSource(sink, sizes.smtpSource, sample)
  await sink.stop()
  say(`  smtp-source ${Math.round(rate)} msg/s`)
  return rate
}

async function bare({ dir }: Servers, { sizes }: Options): Promise<number> {
  const rate = await bareNodemailer(dir, sizes.bareNodemailer)
  say(`  nodemailer ${Math.round(rate)} msg/s`)
  return rate
}

async function sendAll(
  site: Site,
  options: Options,
  names: readonly (keyof Rounds)[],
  dkim: Map<Algorithm, NodeJS.ProcessEnv>,
  rounds: Rounds,
): Promise<void> {
  const slow = () => startSmtpSink(site.dir)
  const variants = [
    ['endToEnd', slow, {}],
    ['endToEndFastSink', fastSinkOf(site.servers, options), {}],
    ['endToEndEd25519', slow, dkim.get('ed25519')],
    ['endToEndRsa', slow, dkim.get('rsa')],
  ] as const
  for (const [name, sink, workerEnv] of variants) {
    if (!names.includes(name) || !workerEnv) continue
    const { connections, sizes } = options
    const expected = rounds[name].at(-1)?.rate ?? rounds.smtpSource.at(-1) ?? 1000
    const withdrawals = leavingAt(expected)
    const sent = await send(site, { readers: sizes.send, sink, connections, workerEnv, withdrawals })
    say(
      `  ${name} ${Math.round(sent.rate)} msg/s, worker ${Math.round(sent.cost.cpu.worker)} µs/msg, all accounts right`,
    )
    rounds[name].push(sent)
  }
}

// `npm run bench -- api`: what the abuse list costs the API, what it costs everybody else, and what the API does at best.
import { join } from 'node:path'
import { type Probe, probes } from '../support/abuse'
import { makeTopic } from '../support/actors'
import { freePort } from '../support/free-port'
import { type Asked, ask, atPace, newAgent, type Question, quantile, query, throughput } from './ask'
import { say, script, start } from './processes'
import { openSite, type Servers } from './site'

const TOPICS = query('{ topics(first: 20) { nodes { id slug name } } }')
const VIEWER = query('{ viewer { role } }')

const EACH = 20
const NORMAL_PER_SECOND = 50
const ATTACKS_PER_SECOND = 100
const SECONDS = 5
/** Alone and attacked in turns, so that whatever else the machine does hits both; the median of each counts. */
const ROUNDS = 5
const CLIENTS = 10

interface ProbeTime {
  name: string
  status: number
  medianMs: number
  maxMs: number
}

/** In milliseconds. */
interface Times {
  p50: number
  p99: number
}

interface ApiFigures {
  probes: ProbeTime[]
  idle: Times
  attacked: Times
  /** Of the probes of the attack. */
  refused: number
  perSecond: { topics: number; bareTopics: number; viewer: number; bareViewer: number }
}

/** Measures a site of its own; throws when an ordinary query is not answered or a probe is not refused. */
export async function measureApi(servers: Servers): Promise<ApiFigures> {
  const site = await openSite(servers)
  for (let n = 0; n < 20; n++) await makeTopic(site.product, site.admin, `topic-${n}`)
  const url = `${site.url}/graphql`
  say('throughput')
  const perSecond = await rates(servers.dir, url)
  say('each probe')
  const times: ProbeTime[] = []
  for (const probe of probes) times.push(await timeOf(url, probe))
  const idle: Times[] = []
  const attacked: Times[] = []
  let refused = 0
  for (let round = 1; round <= ROUNDS; round++) {
    say(`ordinary queries, alone and attacked, ${round} of ${ROUNDS}`)
    idle.push(await ordinary(url))
    const agent = newAgent(20)
    const attack = atPace(ATTACKS_PER_SECOND, SECONDS, index => sendOne(agent, url, at(index)))
    const [ordinaries, answers] = await Promise.all([ordinary(url), attack])
    attacked.push(ordinaries)
    refused += answers.filter(({ status }) => status >= 400 && status < 500).length
    agent.destroy()
  }
  await site.close()
  return { probes: times, idle: medians(idle), attacked: medians(attacked), refused, perSecond }
}

const medians = (times: readonly Times[]): Times => ({
  p50: quantile(
    times.map(({ p50 }) => p50),
    0.5,
  ),
  p99: quantile(
    times.map(({ p99 }) => p99),
    0.5,
  ),
})

const at = (index: number): Probe => probes[index % probes.length] as Probe

function questionOf({ method, headers, body }: Probe): { question: Question; search: string } {
  const [verb = 'POST', search = ''] = method.split(' ')
  return { question: { method: verb, headers, body: Buffer.from(body ?? '') }, search }
}

function sendOne(agent: ReturnType<typeof newAgent>, url: string, probe: Probe): Promise<Asked> {
  const { question, search } = questionOf(probe)
  return ask(agent, url + search, question)
}

async function timeOf(url: string, probe: Probe): Promise<ProbeTime> {
  const agent = newAgent(1)
  const answers: Asked[] = []
  for (let n = 0; n < EACH; n++) answers.push(await sendOne(agent, url, probe))
  agent.destroy()
  const [{ status } = { status: 0 }] = answers
  if (status < 400 || status >= 500) throw new Error(`"${probe.name}" was answered with ${status}`)
  const all = answers.map(({ ms }) => ms)
  return { name: probe.name, status, medianMs: quantile(all, 0.5), maxMs: Math.max(...all) }
}

async function ordinary(url: string): Promise<Times> {
  const agent = newAgent(50)
  const answers = await atPace(NORMAL_PER_SECOND, SECONDS, () => ask(agent, url, TOPICS))
  agent.destroy()
  const wrong = answers.find(({ status }) => status !== 200)
  if (wrong) throw new Error(`An ordinary query was answered with ${wrong.status}`)
  const all = answers.map(({ ms }) => ms)
  return { p50: quantile(all, 0.5), p99: quantile(all, 0.99) }
}

async function rates(dir: string, url: string): Promise<ApiFigures['perSecond']> {
  const port = await freePort()
  const bare = await start({
    ...script('bare-apollo.ts', [String(port)]),
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
    logFile: join(dir, 'bare-apollo.log'),
    ready: 'ready',
  })
  const agent = newAgent(CLIENTS)
  const rate = (place: string, question: Question): Promise<number> =>
    throughput(CLIENTS, SECONDS, () => ask(agent, place, question))
  const bareUrl = `http://127.0.0.1:${port}/graphql`
  // The first second of each process is its warming up.
  for (const place of [url, bareUrl]) await throughput(CLIENTS, 2, () => ask(agent, place, TOPICS))
  const found = {
    topics: await rate(url, TOPICS),
    bareTopics: await rate(bareUrl, TOPICS),
    viewer: await rate(url, VIEWER),
    bareViewer: await rate(bareUrl, VIEWER),
  }
  agent.destroy()
  await bare.stop()
  return found
}

const ms = (value: number): string => `${value.toFixed(1)} ms`

export function apiTable({ probes: times, idle, attacked, refused, perSecond }: ApiFigures): string {
  const width = Math.max(...times.map(({ name }) => name.length))
  const { topics, bareTopics, viewer, bareViewer } = perSecond
  return [
    `${'probe'.padEnd(width)}  answer  median    longest of ${EACH}`,
    ...times.map(
      one => `${one.name.padEnd(width)}  ${one.status}     ${ms(one.medianMs).padEnd(8)}  ${ms(one.maxMs)}`,
    ),
    '',
    `ordinary queries, ${NORMAL_PER_SECOND} a second: p50 ${ms(idle.p50)}, p99 ${ms(idle.p99)}`,
    `with ${ATTACKS_PER_SECOND} probes a second:      p50 ${ms(attacked.p50)}, p99 ${ms(attacked.p99)} (${(attacked.p99 / idle.p99).toFixed(1)} ×; aim 2 ×), ${refused} probes refused`,
    `20 topics: ${topics} a second; bare Apollo, from memory: ${bareTopics} (${(topics / bareTopics).toFixed(2)})`,
    `viewer: ${viewer} a second; bare Apollo: ${bareViewer} (${(viewer / bareViewer).toFixed(2)})`,
  ].join('\n')
}

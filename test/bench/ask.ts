// Requests to an API and how long they took.
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Question {
  method: string
  headers: Record<string, string>
  body: Buffer
}

export const query = (text: string): Question => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify({ query: text })),
})

export interface Asked {
  status: number
  ms: number
}

/** Sends one and reads the whole answer. */
export function ask(agent: Agent, url: string, { method, headers, body }: Question): Promise<Asked> {
  const startedAt = performance.now()
  const length = method === 'GET' ? {} : { 'content-length': String(body.length) }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: { ...headers, ...length } }, response => {
      response.resume()
      response.once('error', reject)
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, ms: performance.now() - startedAt }),
      )
    })
    sent.once('error', reject)
    sent.end(method === 'GET' ? undefined : body)
  })
}

/** So many a second for so long, whatever the answers take (an open loop); those that failed count as 0. */
export async function atPace(
  perSecond: number,
  seconds: number,
  one: (index: number) => Promise<Asked>,
): Promise<Asked[]> {
  const startedAt = performance.now()
  const answers: Promise<Asked>[] = []
  for (let index = 0; index < perSecond * seconds; index++) {
    await sleep(Math.max(0, startedAt + (index * 1000) / perSecond - performance.now()))
    answers.push(one(index).catch(() => ({ status: 0, ms: 0 })))
  }
  return Promise.all(answers)
}

/** How many a second so many clients get who each ask again as soon as they are answered. */
export async function throughput(
  clients: number,
  seconds: number,
  one: () => Promise<Asked>,
): Promise<number> {
  const end = performance.now() + seconds * 1000
  let answered = 0
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const { status } = await one()
      if (status !== 200) throw new Error(`An ordinary query was answered with ${status}`)
      answered++
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return Math.round(answered / seconds)
}

export const newAgent = (maxSockets: number): Agent =>
  new Agent({ keepAlive: true, maxSockets, timeout: 3000 })

/** The value below which this share of them is. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

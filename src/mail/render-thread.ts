// MJML in its own thread: a template that is a bomb costs one thread five seconds, never the event loop (reliability.md M11).
import { Worker } from 'node:worker_threads'
import type { Issue } from './render-issue'

export type Compiled = { html: string } | { issues: Issue[] }

export const MAX_HTML_BYTES = 500_000
// An ordinary newsletter takes 50 ms; the rest is room for loaded machines.
const TIME_LIMIT_MS = 5_000
// MJML loads in 0.5 s, and in many times that on a machine whose cores are all busy: no fault of the template.
const LOAD_LIMIT_MS = 60_000
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 }
const MAX_WAITING = 20

/*
 * Kept as text so that the same thread runs from dist/ and under jest, which has no compiled file to load.
 * Math.random is seeded for each template: MJML names navbar and carousel parts with it, and the same
 * input must give the same bytes (X5). Default web fonts are off: they would call a third party (X2).
 */
const SOURCE = `
const { parentPort, workerData } = require('node:worker_threads')
const loaded = require(workerData.mjml)
const compile = loaded.default ?? loaded
parentPort.postMessage({ isLoaded: true })
parentPort.on('message', async ({ mjml, maxBytes }) => {
  let seed = 1
  Math.random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
  try {
    const { html } = await compile(mjml, {
      validationLevel: 'strict', ignoreIncludes: true, fonts: {}, keepComments: false,
    })
    const bytes = Buffer.byteLength(html)
    parentPort.postMessage(bytes > maxBytes ? { tooLarge: bytes } : { html })
  } catch (error) {
    const errors = Array.isArray(error.errors) ? error.errors : []
    parentPort.postMessage({
      message: String(error.message).slice(0, 300),
      errors: errors.slice(0, 50).map(({ line, message, tagName }) => ({ line, message, tag: tagName })),
    })
  }
})
`

interface Answer {
  isLoaded?: boolean
  html?: string
  tooLarge?: number
  message?: string
  errors?: { line?: number; message: string; tag?: string }[]
}

let thread: { worker: Worker; isLoaded: boolean } | undefined
let queue: Promise<unknown> = Promise.resolve()
let waiting = 0

/** HTML or what is wrong with the template, in the time limit; one template at a time in a process. Never throws. */
export async function compileMjml(mjml: string): Promise<Compiled> {
  if (waiting >= MAX_WAITING)
    return { issues: [{ message: 'Too many newsletters are being rendered. Try again.' }] }
  waiting++
  const turn = queue.then(() => ask(mjml)).finally(() => waiting--)
  queue = turn
  return explain(await turn)
}

function start(): Worker {
  const worker = new Worker(SOURCE, {
    eval: true,
    env: {},
    workerData: { mjml: require.resolve('mjml') },
    resourceLimits: LIMITS,
  })
  // What a thread says after its answer (being stopped, say) has nobody left to tell.
  worker.on('error', () => {})
  return worker
}

/** Never rejects: every way a thread can end is an answer. A thread that failed is replaced by the next question. */
function ask(mjml: string): Promise<Answer> {
  thread ??= { worker: start(), isLoaded: false }
  const current = thread
  const { worker } = current
  worker.ref()
  return new Promise(resolve => {
    const settle = (answer: Answer) => {
      clearTimeout(timer)
      // One by one: after removeAllListeners() a Worker receives nothing any more.
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      worker.unref()
      resolve(answer)
    }
    const giveUp = (message: string) => {
      thread = undefined
      settle({ message })
      void worker.terminate()
    }
    const onError = (error: Error) => giveUp(threadError(error))
    const onExit = () => giveUp('The template could not be rendered')
    const tooLong = `The template takes longer than ${TIME_LIMIT_MS / 1000} s`
    const endAfter = (ms: number) => setTimeout(() => giveUp(tooLong), ms)
    let timer = endAfter(current.isLoaded ? TIME_LIMIT_MS : LOAD_LIMIT_MS)
    const onMessage = (answer: Answer) => {
      if (!answer.isLoaded) return settle(answer)
      current.isLoaded = true
      clearTimeout(timer)
      timer = endAfter(TIME_LIMIT_MS)
    }
    worker.on('message', onMessage).once('error', onError).once('exit', onExit)
    worker.postMessage({ mjml, maxBytes: MAX_HTML_BYTES })
  })
}

const threadError = (error: Error & { code?: string }): string =>
  error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `The template needs more than ${LIMITS.maxOldGenerationSizeMb} MB to render`
    : 'The template could not be rendered'

function explain(answer: Answer): Compiled {
  if (answer.html !== undefined) return { html: answer.html }
  if (answer.tooLarge !== undefined)
    return { issues: [{ message: `The HTML has ${answer.tooLarge} bytes, more than ${MAX_HTML_BYTES}` }] }
  if (answer.errors && answer.errors.length > 0) return { issues: answer.errors }
  return { issues: [{ message: answer.message ?? 'The template could not be rendered' }] }
}

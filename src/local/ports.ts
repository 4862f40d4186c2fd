import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { writeAtomically } from './write-atomically'

const LOOPBACK = '127.0.0.1'

/** Where a part listens: the port it had last time if that is free, else the first free one from `from`, else any. */
export async function choosePort(dir: string, part: string, from = 0): Promise<number> {
  const file = join(dir, 'last-ports.json')
  const remembered = readLast(file)[part]
  const port = remembered && (await isFree(remembered)) ? remembered : await nextFree(from)
  // Links in mails already sent carry the port: keep it over restarts.
  writeAtomically(file, { ...readLast(file), [part]: port })
  return port
}

/** Whether nothing listens on this loopback port. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listening(port)
  if (!server) return false
  await closed(server)
  return true
}

/** Keeps a port from being chosen by another start until its real user is about to listen. */
export async function holdPort(port: number): Promise<() => Promise<void>> {
  const server = await listening(port)
  return async () => {
    if (server) await closed(server)
  }
}

async function nextFree(from: number): Promise<number> {
  if (from > 0) for (let port = from; port < from + 50; port += 1) if (await isFree(port)) return port
  const server = await listening(0)
  const address = server?.address()
  if (!server || !address || typeof address === 'string') throw new Error('no free loopback port')
  await closed(server)
  return address.port
}

function listening(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      ['EADDRINUSE', 'EACCES'].includes(error.code ?? '') ? resolve(undefined) : reject(error),
    )
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => resolve(server))
  })
}

const closed = (server: Server) => new Promise<void>(resolve => server.close(() => resolve()))

function readLast(file: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>
  } catch {
    return {}
  }
}

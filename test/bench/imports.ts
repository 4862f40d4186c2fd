// How fast a file of readers comes in through its door, and what the API process needs meanwhile:
// `node test/bench/run.cjs test/bench/imports.ts ROWS`, a million unless given.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { makeTopic } from '../support/actors'
import { HEADER, importOf, line, startImport, upload } from '../support/importing'
import { killAll, say } from './processes'
import { openSite, startServers } from './site'

const LINES_AT_ONCE = 1000

function* fileOfReaders(rows: number): Generator<Buffer> {
  yield Buffer.from(`${HEADER}\n`)
  for (let n = 0; n < rows; n += LINES_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(LINES_AT_ONCE, rows - n) }, (_, index) => n + index)
    const lines = numbers.map(one =>
      line({ email: `reader-${one}@inbox${one % 64}.example.org`, name: `Reader ${one}` }),
    )
    yield Buffer.from(`${lines.join('\n')}\n`)
  }
}

const residentMb = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)

async function main(): Promise<void> {
  const rows = Number(process.argv[2] ?? 1_000_000)
  const dir = mkdtempSync(join(tmpdir(), 'weinterrupt-bench-'))
  const servers = await startServers(dir)
  const site = await openSite(servers)
  try {
    await makeTopic(site.product, site.admin, 'weekly')
    const { id, url } = await startImport(site.product, site.admin)
    const target = new URL(new URL(url).pathname, site.url).toString()
    const started = performance.now()
    const look = async () => {
      const { rows: done } = await importOf(site.product, site.admin, id)
      say(
        `${Math.round((performance.now() - started) / 1000)} s: ${done} rows, API ${residentMb(site.api.pid)} MB`,
      )
    }
    const watching = setInterval(() => void look(), 15_000)
    const { body } = await upload(target, Readable.from(fileOfReaders(rows)) as unknown as ReadableStream)
    clearInterval(watching)
    const seconds = (performance.now() - started) / 1000
    say(`API ${residentMb(site.api.pid)} MB at the end`)
    console.log(
      `${JSON.stringify(body)}\n${Math.round(rows / seconds)} rows a second (${seconds.toFixed(0)} s)`,
    )
  } finally {
    await site.close()
    await servers.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

main().then(
  () => process.exit(0),
  error => {
    killAll()
    say(String(error instanceof Error ? error.stack : error))
    process.exit(1)
  },
)

// A process that sends with a nodemailer pool and checks nothing: PORT CONNECTIONS MESSAGES; prints messages a second.
import { createTransport } from 'nodemailer'
import { mailFor, renderSample } from './sample'

const [port, connections, messages] = process.argv.slice(2).map(Number) as [number, number, number]

async function main(): Promise<void> {
  const content = await renderSample()
  const pool = createTransport({
    host: '127.0.0.1',
    port,
    ignoreTLS: true,
    pool: true,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
  })
  let next = 0
  // Some more than there are connections, so that none waits for us.
  const lane = async () => {
    while (next < messages)
      await pool.sendMail(mailFor(content, `reader-${next++}@inbox${next % 64}.example.org`))
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: connections * 2 }, lane))
  process.stdout.write(`${messages / ((performance.now() - started) / 1000)}\n`)
  pool.close()
  process.exit(0)
}

main().catch(error => {
  process.stderr.write(`${error}\n`)
  process.exit(1)
})

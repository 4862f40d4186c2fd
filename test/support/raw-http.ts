// HTTP as bytes on a socket: exactly what a simple mail client sends, and exactly what comes back.
import { connect } from 'node:net'

export interface RawAnswer {
  status: number
  /** Lower-case names. */
  headers: Map<string, string>
  body: string
}

/** Sends the request line, `Host` and these header lines, then the body; nothing else. */
export function rawRequest(
  url: string,
  requestLine: string,
  headers: readonly string[] = [],
  body: string | Buffer = '',
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(url)
  const head = [requestLine, `Host: ${host}`, ...headers].join('\r\n')
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${head}\r\n\r\n`)
      socket.write(body)
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('The connection was closed without a whole answer')))
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      const answer = parse(received)
      if (answer) resolve(answer)
      if (answer) socket.destroy()
    })
  })
}

/** Undefined until all of it is there. */
function parse(received: Buffer): RawAnswer | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [status = '', ...lines] = received.toString('latin1', 0, end).split('\r\n')
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const body = received.subarray(end + 4)
  if (body.length < Number(headers.get('content-length'))) return undefined
  return { status: Number(status.split(' ')[1]), headers, body: body.toString('utf8') }
}

// DKIM signatures (RFC 6376; Ed25519: RFC 8463) over a message as it will be sent. Keys come from the caller.
import { createHash, type KeyObject, sign } from 'node:crypto'

export interface MessageParts {
  /** Folded lines with their CRLF, ASCII. */
  headers: readonly string[]
  /** With CRLF line ends. Read before `sign` returns, not later. */
  body: Buffer
}

export interface Signer {
  /**
   * The folded `DKIM-Signature` line with its CRLF, to stand before the headers. Same parts and key, same line: no
   * time in it. Ed25519 answers at once; RSA signs in the thread pool, hence the promise.
   */
  sign(parts: MessageParts): string | Promise<string>
}

// standards.md A1. Named once more than present, so that nobody can add one (RFC 6376 §8.15); RFC 8058 §4 wants both
// List-Unsubscribe headers covered.
const OVERSIGNED = ['from', 'to', 'subject', 'date', 'reply-to', 'list-unsubscribe', 'list-unsubscribe-post']
const SIGNED = [
  ...OVERSIGNED,
  'message-id',
  'mime-version',
  'content-type',
  'list-id',
  'list-post',
  'feedback-id',
  'auto-submitted',
]
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i
// RFC 8301 §3.2 and what the large providers ask for (A1).
const MIN_RSA_BITS = 2048
const LINE = 72
const CR = 13
const LF = 10

/** Why mail cannot be signed with this key, or undefined. */
export function keyProblem(key: KeyObject): string | undefined {
  if (key.type !== 'private') return 'must hold a private key'
  if (key.asymmetricKeyType === 'ed25519') return undefined
  if (key.asymmetricKeyType !== 'rsa') return 'must hold an RSA or Ed25519 key'
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  return bits < MIN_RSA_BITS ? `must hold an RSA key of at least ${MIN_RSA_BITS} bits` : undefined
}

/** Whether the text can stand in `s=` and `d=`: labels of a host name. */
export const isDnsName = (text: string): boolean => text.length <= 253 && NAME.test(text)

/** Throws TypeError for a domain, selector or key that cannot sign; says which, never the key. */
export function createSigner({
  domain,
  selector,
  privateKey,
}: {
  domain: string
  selector: string
  privateKey: KeyObject
}): Signer {
  const problem = keyProblem(privateKey)
  if (problem) throw new TypeError(`The DKIM key ${problem}`)
  if (!isDnsName(domain)) throw new TypeError('The DKIM domain is no domain name')
  if (!isDnsName(selector)) throw new TypeError('The DKIM selector is no domain name')
  const isEd25519 = privateKey.asymmetricKeyType === 'ed25519'
  const start = `v=1; a=${isEd25519 ? 'ed25519' : 'rsa'}-sha256; c=relaxed/simple; d=${domain};\r\n s=${selector};`
  const makeSignature = isEd25519 ? ed25519(privateKey) : rsa(privateKey)
  return {
    sign({ headers, body }) {
      const { names, canonical } = signedHeaders(headers)
      const tags = `${start}\r\n h=${foldedNames(names)};\r\n bh=${bodyHash(body)};\r\n b=`
      // RFC 6376 §3.7: the signature signs its own header too, with an empty `b=` and without the last CRLF.
      const signature = makeSignature(`${canonical}dkim-signature:${relaxed(tags)}`)
      const line = (value: string) => `DKIM-Signature: ${tags}${foldedLetters(value)}\r\n`
      return typeof signature === 'string' ? line(signature) : signature.then(line)
    },
  }
}

/** RFC 8463 §3: the SHA-256 of the data is what is signed. */
const ed25519 =
  (key: KeyObject) =>
  (data: string): string =>
    sign(null, createHash('sha256').update(data, 'latin1').digest(), key).toString('base64')

const rsa =
  (key: KeyObject) =>
  (data: string): Promise<string> =>
    new Promise((resolve, reject) => {
      sign('sha256', Buffer.from(data, 'latin1'), key, (error, signature) =>
        error ? reject(error) : resolve(signature.toString('base64')),
      )
    })

/** What `h=` names and the header lines it stands for; several of one name from the last to the first (§5.4.2). */
function signedHeaders(headers: readonly string[]): { names: string[]; canonical: string } {
  const byName = new Map<string, string[]>()
  for (const line of headers) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = `${name}:${relaxed(line.slice(colon + 1))}\r\n`
    const others = byName.get(name)
    if (others) others.unshift(value)
    else byName.set(name, [value])
  }
  const names: string[] = []
  let canonical = ''
  for (const name of SIGNED) {
    const values = byName.get(name) ?? []
    const times = values.length + (OVERSIGNED.includes(name) ? 1 : 0)
    for (let time = 0; time < times; time++) names.push(name)
    canonical += values.join('')
  }
  return { names, canonical }
}

/** §3.4.2: unfolded, each run of blanks one space, none at the ends. Most lines have nothing to fold. */
function relaxed(value: string): string {
  const trimmed = value.trim()
  return /[\t\r\n]| {2}/.test(trimmed) ? trimmed.replace(/[ \t\r\n]+/g, ' ') : trimmed
}

/** §3.4.3: as it is, but with exactly one CRLF at the end. */
function bodyHash(body: Buffer): string {
  let end = body.length
  while (end >= 2 && body[end - 2] === CR && body[end - 1] === LF) end -= 2
  return createHash('sha256').update(body.subarray(0, end)).update('\r\n').digest('base64')
}

/** §3.5: in `h=` a line may only break beside a colon. */
function foldedNames(names: readonly string[]): string {
  let text = ''
  let length = 0
  for (const name of names) {
    length += name.length + 1
    if (text) text += ':'
    if (length > LINE) {
      text += '\r\n '
      length = name.length + 1
    }
    text += name
  }
  return text
}

/** §3.5: blanks between the letters of `b=` mean nothing. */
function foldedLetters(text: string): string {
  let lines = text.slice(0, LINE)
  for (let at = LINE; at < text.length; at += LINE) lines += `\r\n ${text.slice(at, at + LINE)}`
  return lines
}

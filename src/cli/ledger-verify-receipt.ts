import { readFileSync } from 'node:fs'
import { type CheckedReceipt, checkReceipt } from '../consent/check-receipt'
import { Problem } from './problem'

const MAX_BYTES = 20_000_000

/** Checks a reader's receipt; needs neither a server nor keys, only the site's published key to be sure whose it is. */
export function ledgerVerifyReceiptCommand(file: string, options: { key?: string; json?: boolean }): void {
  const key = options.key === undefined ? undefined : keyIn(textOf(options.key))
  const checked = checkReceipt(textOf(file), key)
  if (!checked) throw new Problem(`${file} is not a receipt.`)
  if (checked.problem !== undefined) process.exitCode = 1
  const publicKey = checked.publicKey.toString('base64')
  if (options.json)
    return console.log(
      JSON.stringify({
        ok: checked.problem === undefined,
        keyWasGiven: key !== undefined,
        ...checked,
        publicKey,
      }),
    )
  print(checked, key !== undefined)
}

function print(
  { problem, publisher, createdAt, consents, events, publicKey }: CheckedReceipt,
  isKnown: boolean,
): void {
  if (problem !== undefined) return console.log(`NOT VALID: ${problem}`)
  console.log(`Valid: ${publisher} signed it on ${createdAt}; ${consents} consents, ${events} events.`)
  if (isKnown) return
  console.log(`The key is the one in the file, ${publicKey.toString('base64')}.`)
  console.log(
    'Compare it with /.well-known/weinterrupt-ledger.json of the site, or pass that file with --key.',
  )
}

function textOf(file: string): string {
  try {
    const bytes = readFileSync(file)
    if (bytes.length > MAX_BYTES) throw new Problem(`${file} is larger than any receipt.`)
    return bytes.toString('utf8')
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem(`${file} cannot be read.`)
  }
}

function keyIn(text: string): Buffer {
  try {
    const key = Buffer.from(String((JSON.parse(text) as { publicKey?: unknown }).publicKey), 'base64')
    if (key.length === 32) return key
  } catch {
    // Said below.
  }
  throw new Problem('--key must be a file like /.well-known/weinterrupt-ledger.json of the site.')
}

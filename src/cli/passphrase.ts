import { pipedLine } from './piped-line'
import { Problem } from './problem'

const MIN_LENGTH = 12

/** The passphrase of a key backup: the first line of standard input, so that it stands in no list of processes. */
export async function readPassphrase(): Promise<string> {
  const passphrase = await pipedLine()
  if (passphrase === undefined)
    throw new Problem(
      'Give the passphrase on standard input: read -rs P; printf %s "$P" | npx weinterrupt keys …',
    )
  if (passphrase.length < MIN_LENGTH)
    throw new Problem(`The passphrase needs at least ${MIN_LENGTH} characters.`)
  return passphrase
}

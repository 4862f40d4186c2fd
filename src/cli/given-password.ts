import { MAX_PASSWORD, MIN_PASSWORD } from '../consent/staff-password'
import { pipedLine } from './piped-line'
import { Problem } from './problem'

/** The password from standard input; undefined when none is given there. */
export async function givenPassword(): Promise<string | undefined> {
  const given = await pipedLine()
  if (given !== undefined && given.length < MIN_PASSWORD)
    throw new Problem(`The password needs at least ${MIN_PASSWORD} characters.`)
  if (given !== undefined && given.length > MAX_PASSWORD)
    throw new Problem(`The password may have at most ${MAX_PASSWORD} characters.`)
  return given
}

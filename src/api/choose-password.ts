import { randomUUID } from 'node:crypto'
import { audit, staffActor } from '../consent/audit'
import { setPasswordByLink, staffOfLink } from '../consent/staff-link'
import { hashPassword, MAX_PASSWORD, MIN_PASSWORD } from '../consent/staff-password'
import { message } from '../messages'
import { transaction } from '../transaction'
import type { Services } from './context'

export type Chosen = { kind: 'chosen' } | { kind: 'invalid' } | { kind: 'problem'; problem: string }

/** Chooses a password by a mailed link. A link that is good for nothing costs no password hash. */
export async function choosePassword(
  { db, keyring }: Services,
  locale: string,
  token: string,
  password: string,
  requestId = randomUUID() as string,
): Promise<Chosen> {
  if ((await staffOfLink(db.manager, keyring, token)) === undefined) return { kind: 'invalid' }
  const problem = passwordProblem(locale, password)
  if (problem) return { kind: 'problem', problem }
  const passwordHash = await hashPassword(password)
  const staff = await transaction(db, async tx => {
    const done = await setPasswordByLink(tx, keyring, token, passwordHash)
    if (done) await audit(tx, staffActor(done, requestId), 'staff.password', done.publicId)
    return done
  })
  return { kind: staff ? 'chosen' : 'invalid' }
}

/** What is wrong with it, in words; undefined when it will do. */
export function passwordProblem(locale: string, password: string): string | undefined {
  if (password.length < MIN_PASSWORD) return message(locale, 'password.tooShort', { min: MIN_PASSWORD })
  if (password.length > MAX_PASSWORD) return message(locale, 'password.tooLong', { max: MAX_PASSWORD })
  return undefined
}

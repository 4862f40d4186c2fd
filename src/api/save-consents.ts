// Yes and no per purpose, said in the reader's centre: behind both doors, GraphQL and the page.
import { readDecisions } from '../consent/decisions'
import { giveConsent, type Yes } from '../consent/give-consent'
import { changed } from '../consent/reader-change'
import { withdraw } from '../consent/withdraw'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { Purpose } from '../entities/purpose'
import type { ConsentInput } from './centre.inputs'
import type { ApiContext } from './context'
import { changeOwn, type Owner } from './owner'
import { refuseStale } from './refuse-stale'
import { ErrorCode, InputError, UserError } from './user-errors'

const SURFACES = [ConsentSurface.WEB_FORM, ConsentSurface.MOBILE_APP, ConsentSurface.PREFERENCE_PAGE]
const METHODS = [
  ConsentMethod.ACCEPT_ALL,
  ConsentMethod.REJECT_ALL,
  ConsentMethod.SAVE_CHOICES,
  ConsentMethod.SINGLE_TOGGLE,
]
const MAX_DECISIONS = 50

/**
 * Saves all of the decisions or none. A yes needs a fresh proof, and the words and policy that are in force now; taking one
 * back needs neither. Answers the deliveries that had passed before.
 */
export async function saveConsents(
  context: ApiContext,
  owner: Owner,
  input: Omit<ConsentInput, 'token'>,
  code?: string | null,
): Promise<string[] | UserError> {
  const read = await readInput(context, input)
  if (read instanceof UserError) return read
  const { yes, no } = read
  const { surface, method } = input
  const { readerId, link } = owner
  return changeOwn(
    context,
    owner,
    async (tx, proof) => {
      const given = yes ? await giveConsent(tx, readerId, yes, proof) : changed()
      if (given.kind !== 'changed') return given
      const passed: string[] = []
      for (const purposeId of no) {
        const how = { surface, method, newsletterId: link?.newsletterId ?? null }
        passed.push(...(await withdraw(tx, { readerId, scope: { purposeId }, ...how })).alreadyPassed)
      }
      return changed(passed)
    },
    { field: ['input', 'decisions'], code },
  )
}

interface Read {
  yes: Yes | undefined
  /** The purposes taken back. */
  no: number[]
}

async function readInput(context: ApiContext, input: Omit<ConsentInput, 'token'>): Promise<Read | UserError> {
  const { db, locale, locales } = context
  const { decisions, surface, method } = input
  const wrong = (code: ErrorCode, ...field: string[]) => new InputError(locale, code, ['input', ...field])
  if (!SURFACES.includes(surface)) return wrong(ErrorCode.INVALID, 'surface')
  if (!METHODS.includes(method)) return wrong(ErrorCode.INVALID, 'method')
  if (decisions.length === 0) return wrong(ErrorCode.REQUIRED, 'decisions')
  if (decisions.length > MAX_DECISIONS) return wrong(ErrorCode.TOO_LONG, 'decisions')
  const purposes = new Map((await db.manager.find(Purpose)).map(one => [one.key, one.id]))
  const keys = decisions.map(one => one.purposeKey)
  const unknown = keys.findIndex(key => !purposes.has(key))
  if (unknown >= 0) return wrong(ErrorCode.NOT_FOUND, 'decisions', String(unknown), 'purposeKey')
  const twice = keys.findIndex((key, index) => keys.indexOf(key) !== index)
  if (twice >= 0) return wrong(ErrorCode.INVALID, 'decisions', String(twice), 'purposeKey')
  const no = decisions.flatMap(one => (one.granted ? [] : (purposes.get(one.purposeKey) ?? [])))
  const granted = decisions.filter(one => one.granted)
  if (granted.length === 0) return { yes: undefined, no }
  const shown = { policyVersion: input.policyVersion, decisions: granted, locale }
  const read = await readDecisions(db.manager, shown, locales)
  if (read.kind !== 'current') return refuseStale(context)
  const { policy } = read
  return { yes: { decisions: read.decisions, policy, surface, method, locale }, no }
}

// The buttons of /p/data, by name. The API has the same acts with the same rules.
import type { EntityManager } from 'typeorm'
import { restrict, unrestrict } from '../consent/restrict'
import { withdraw } from '../consent/withdraw'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { beginErasure } from '../privacy/begin-erasure'
import { requestExport } from '../privacy/export'
import { databaseTime, transaction } from '../transaction'
import type { ApiContext } from './context'
import { needsFreshProof } from './fresh-proof'
import { orderedErasure, wakeErasure } from './order-erasure'
import { clearReaderCookie } from './reader-cookie'

export type DataRefusal = 'code.wrong' | 'erase.confirmNeeded' | 'export.tooMany'

export type DataOutcome =
  | { kind: 'nothing' }
  | { kind: 'code-sent' }
  | { kind: 'proved' }
  | { kind: 'export-asked' }
  | { kind: 'restricted'; at: Date | null; alreadyPassed: number }
  | { kind: 'objected'; alreadyPassed: number }
  | { kind: 'erased'; alreadyPassed: number }
  | { kind: 'refused'; why: DataRefusal }

type Act = (context: ApiContext, fields: URLSearchParams) => Promise<DataOutcome>

const refused = (why: DataRefusal): DataOutcome => ({ kind: 'refused', why })

/** Presses one button; anything that is none changes nothing. */
export function actOnData(context: ApiContext, fields: URLSearchParams): Promise<DataOutcome> {
  const name = fields.get('act') ?? ''
  const act = Object.hasOwn(acts, name) ? acts[name] : undefined
  return act ? act(context, fields) : Promise.resolve({ kind: 'nothing' })
}

const acts: Record<string, Act> = {
  async send(context) {
    const error = await needsFreshProof(context, null, ['code'])
    return error ? { kind: 'code-sent' } : { kind: 'proved' }
  },
  async prove(context, fields) {
    const error = await needsFreshProof(context, fields.get('code') || ' ', ['code'])
    return error ? refused('code.wrong') : { kind: 'proved' }
  },
  export: proved(async ({ db, keyring, enqueue }, readerId) => {
    const asked = await transaction(db, tx => requestExport(tx, keyring, readerId))
    if (asked.kind === 'too-many') return refused('export.tooMany')
    await enqueue.dataRequest(asked.request.id)
    return { kind: 'export-asked' }
  }),
  erase(context, fields) {
    if (fields.get('confirm') !== 'yes') return Promise.resolve(refused('erase.confirmNeeded'))
    return proved(erase)(context, fields)
  },
  unrestrict: proved(async ({ db }, readerId) => {
    await transaction(db, tx => unrestrict(tx, readerId))
    return { kind: 'restricted', at: null, alreadyPassed: 0 }
  }),
  restrict: reducing(async (tx, readerId) => {
    const done = await restrict(tx, readerId)
    return { kind: 'restricted', at: await databaseTime(tx), alreadyPassed: done?.alreadyPassed.length ?? 0 }
  }),
  object: reducing(async (tx, readerId) => {
    const { alreadyPassed } = await withdraw(tx, {
      readerId,
      scope: 'all',
      surface: ConsentSurface.PREFERENCE_PAGE,
      method: ConsentMethod.REJECT_ALL,
      newsletterId: null,
    })
    return { kind: 'objected', alreadyPassed: alreadyPassed.length }
  }),
}

async function erase(context: ApiContext, readerId: number): Promise<DataOutcome> {
  const { db, keyring, enqueue, config, response } = context
  const order = { origin: 'READER', isChild: false } as const
  const ordered = await orderedErasure(db, tx => beginErasure(tx, keyring, readerId, order))
  if (ordered) await wakeErasure(enqueue, ordered)
  clearReaderCookie(config, response)
  return { kind: 'erased', alreadyPassed: ordered?.alreadyPassed.length ?? 0 }
}

/** For what hands out data, deletes it or brings more mail: only with a fresh code. Without one it is mailed. */
function proved(work: (context: ApiContext, readerId: number) => Promise<DataOutcome>): Act {
  return async context => {
    const error = await needsFreshProof(context, null, ['code'])
    return error ? { kind: 'code-sent' } : work(context, idOf(context))
  }
}

/** For what only reduces. */
function reducing(work: (tx: EntityManager, readerId: number) => Promise<DataOutcome>): Act {
  return context => transaction(context.db, tx => work(tx, idOf(context)))
}

function idOf({ reader }: ApiContext): number {
  if (!reader) throw new Error('Nobody is logged in')
  return reader.id
}

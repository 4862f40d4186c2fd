// What readers and staff do meanwhile, through the HTTP doors, each call written down with its answer.
import { joinReference } from '../../src/secrets/mail-reference'
import { makeToken } from '../../src/secrets/token'
import { graphql } from '../support/api'
import type { KnownReader } from '../support/bulk-readers'
import type { Control, Withdrawal } from '../support/facts'
import { type Answer, type DoorName, doorOf, type Leaver, leave, type TimedAnswer } from './doors'
import type { Issue, Rig } from './rig'

const NOTHING: Answer = { isDone: false, passed: [] }

/** The door did not answer: nothing is promised, whatever happened. */
const orNothing = (call: Promise<Answer>): Promise<Answer> => call.catch(() => NOTHING)

const referenceOf = async (rig: Rig, issue: Issue): Promise<Buffer> => {
  const known = references.get(issue)
  if (known) return known
  const [row] = await rig.product.connections.db.manager.query<{ reference: Buffer }[]>(
    'SELECT reference FROM newsletter WHERE id = ?',
    [issue.id],
  )
  const reference = row?.reference ?? Buffer.alloc(6)
  references.set(issue, reference)
  return reference
}

const references = new WeakMap<Issue, Buffer>()

async function leaverOf(rig: Rig, issue: Issue, reader: KnownReader, key: string): Promise<Leaver> {
  const reference = joinReference(await referenceOf(rig, issue), reader.reference)
  const token = (purpose: 'unsubscribe' | 'preferences') =>
    makeToken(rig.product.connections.keyring, purpose, reference)
  return {
    url: rig.leaveAt ?? rig.product.url,
    adminToken: rig.admin.token,
    publicId: reader.publicId,
    email: reader.email,
    tokens: { unsubscribe: token('unsubscribe'), preferences: token('preferences') },
    key,
  }
}

/** Leaves, or pauses, by this door; `key` is what it needs beside the links in the mail of this issue. */
export async function withdraw(
  rig: Rig,
  issue: Issue,
  reader: KnownReader,
  name: DoorName,
  key = '',
): Promise<TimedAnswer> {
  const answer = await (rig.leavers?.leave ?? leave)(name, await leaverOf(rig, issue, reader, key))
  const { startedAt, answeredAt, passed } = answer
  const purposeId = doorOf(name).ends === 'all' ? ('all' as const) : rig.purposeId
  const call: Withdrawal = { kind: 'withdraw', readerId: reader.id, purposeId, startedAt, answeredAt, passed }
  rig.calls.push(call)
  return answer
}

const CONTROLS = {
  pause: 'newsletterPause(id: $id, reason: "torture")',
  resume: 'newsletterResume(id: $id)',
  cancel: 'newsletterCancel(id: $id, reason: "torture")',
}

/** Pauses, resumes or cancels; true if it was done. */
export async function control(rig: Rig, issue: Issue, kind: Control['kind']): Promise<boolean> {
  const startedAt = Date.now()
  const answer = await orNothing(
    graphql(
      rig.product,
      `mutation ($id: ID!) { done: ${CONTROLS[kind]} { alreadyPassed userErrors { code } } }`,
      { id: issue.publicId },
      { token: rig.admin.token },
    ).then(({ data }) =>
      data?.done?.userErrors.length === 0 ? { isDone: true, passed: data.done.alreadyPassed } : NOTHING,
    ),
  )
  const answeredAt = answer.isDone ? Date.now() : null
  rig.calls.push({ kind, newsletter: issue.publicId, startedAt, answeredAt, passed: answer.passed })
  if (answer.isDone) issue.isPaused = kind === 'pause'
  return answer.isDone
}

/** A pause whose answer was lost may stand: asked for until it certainly does not. */
export async function resumeAll(rig: Rig): Promise<void> {
  for (const issue of rig.issues) {
    const [row] = await rig.product.connections.db.manager.query<{ status: string }[]>(
      'SELECT status FROM newsletter WHERE id = ?',
      [issue.id],
    )
    if (row?.status === 'PAUSED') await control(rig, issue, 'resume')
  }
}

// What readers and staff do meanwhile, through the HTTP doors, each call written down with its answer.
import { graphql } from '../support/api'
import type { KnownReader } from '../support/bulk-readers'
import type { Control, Withdrawal } from '../support/facts'
import { type Answer, type DoorName, doorOf, NOTHING } from './doors'
import type { Issue, Rig } from './rig'

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

/** Leaves, or pauses, by this door; `key` is what it needs beside the links in the mail of this issue. */
export async function withdraw(
  rig: Rig,
  issue: Issue,
  reader: KnownReader,
  name: DoorName,
  key = '',
): Promise<Withdrawal> {
  const door = doorOf(name)
  const newsletterReference = await referenceOf(rig, issue)
  const url = rig.leaveAt ?? rig.product.url
  const startedAt = Date.now()
  const answer = await orNothing(door.leave({ rig, url, reader, newsletterReference, key }))
  const call: Withdrawal = {
    kind: 'withdraw',
    readerId: reader.id,
    purposeId: door.ends === 'all' ? 'all' : rig.purposeId,
    startedAt,
    answeredAt: answer.isDone ? Date.now() : null,
    passed: answer.passed,
  }
  rig.calls.push(call)
  return call
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

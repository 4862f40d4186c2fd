// What readers and staff do meanwhile, through the HTTP doors, each call written down with its answer.
import { joinReference } from '../../src/secrets/mail-reference'
import { makeToken } from '../../src/secrets/token'
import { graphql } from '../support/api'
import type { KnownReader } from '../support/bulk-readers'
import type { Control, Withdrawal } from '../support/facts'
import type { Issue, Rig } from './rig'

interface Answer {
  isDone: boolean
  passed: readonly string[] | number
}
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

/** The doors by which a reader can leave. */
export const doors = ['one-click', 'page', 'everything', 'mutation'] as const
export type Door = (typeof doors)[number]

const references = new WeakMap<Issue, Buffer>()

/** Leaves by the link in the mail of this issue: as mail programs do, on its page, or by the mutation of a client. */
export async function withdraw(rig: Rig, issue: Issue, reader: KnownReader, door: Door): Promise<Withdrawal> {
  const reference = joinReference(await referenceOf(rig, issue), reader.reference)
  const token = makeToken(rig.product.connections.keyring, 'unsubscribe', reference)
  const startedAt = Date.now()
  const answer = await orNothing(door === 'mutation' ? mutation(rig, token) : form(rig, token, FORMS[door]))
  const call: Withdrawal = {
    kind: 'withdraw',
    readerId: reader.id,
    purposeId: door === 'everything' ? 'all' : rig.purposeId,
    startedAt,
    answeredAt: answer.isDone ? Date.now() : null,
    passed: answer.passed,
  }
  rig.calls.push(call)
  return call
}

/** What the mail program, and the two buttons of the page, send. */
const FORMS = { 'one-click': 'List-Unsubscribe=One-Click', page: 'scope=topic', everything: 'scope=all' }

async function form({ product, leaveAt }: Rig, token: string, body: string): Promise<Answer> {
  const response = await fetch(`${leaveAt ?? product.url}/u/${token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })
  const text = await response.text()
  const mayArrive = text.includes('already on its way') || text.includes('already on their way')
  return { isDone: response.status === 200, passed: mayArrive ? 1 : 0 }
}

async function mutation({ product, leaveAt }: Rig, token: string): Promise<Answer> {
  const { data } = await graphql(
    { ...product, url: leaveAt ?? product.url },
    `mutation ($input: UnsubscribeInput!) { unsubscribe(input: $input) { alreadyPassed userErrors { code } } }`,
    { input: { token, scope: 'TOPIC' } },
  )
  const done = data?.unsubscribe
  return done?.userErrors.length === 0 ? { isDone: true, passed: done.alreadyPassed } : NOTHING
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

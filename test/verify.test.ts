import { setTimeout as sleep } from 'node:timers/promises'
import type { Facts } from './support/facts'
import { verify, verifySame } from './support/verify'
import { type Invariant, indexOf } from './support/verify-index'
import { control, withdraw } from './torture/calls'
import { factsOf, nextIssue, type Rig, settleAll, startRig } from './torture/rig'

const READERS = 120

let rig: Rig
let history: Facts

beforeAll(async () => {
  rig = await startRig({ seed: 5, connections: 5, readers: READERS, faulty: 0.15, delayMs: 8 })
  rig.product.startWorker()
  const issue = await nextIssue(rig)
  while (rig.messages.length < 20) await sleep(5)
  const leavers = [...rig.readers.slice(0, 3), ...rig.readers.slice(-8)]
  for (const [n, reader] of leavers.entries())
    await withdraw(rig, issue, reader, n % 2 ? 'one-click' : 'mutation')
  await control(rig, issue, 'pause')
  await sleep(300)
  await control(rig, issue, 'resume')
  if (!(await settleAll(rig))) throw new Error('It never ended')
  history = await factsOf(rig)
})
afterAll(() => rig?.stop())

/** The parts of one delivery that really went out, in a copy of the history. */
function changed() {
  const facts = structuredClone(history)
  const sent = facts.deliveries.filter(({ status }) => status === 'sent')
  const row = sent[Math.floor(sent.length / 2)]
  const reader = facts.readers.find(({ id }) => id === row?.readerId)
  const others = facts.readers.filter(({ id }) => id !== reader?.id && sent.some(one => one.readerId === id))
  const message = facts.messages.find(({ to, answer }) => to[0] === reader?.email && answer === 2)
  const [newsletter] = facts.newsletters
  const [other] = others
  if (!row || !reader || !message || !newsletter || !other) throw new Error('The history is too short')
  return { facts, row, reader, message, newsletter, other }
}
type Changed = ReturnType<typeof changed>

const withdrawal = ({ reader, message }: Changed, passed: string[] | number) => ({
  kind: 'withdraw' as const,
  readerId: reader.id,
  purposeId: 'all' as const,
  startedAt: message.at - 50,
  answeredAt: message.at - 1,
  passed,
})

test('the history of a real run with faults, withdrawals and a pause breaks no invariant', () => {
  expect(verify(history, { unknown: 0 })).toEqual([])
  const { kept } = indexOf(history)
  // It is a history in which something happened.
  expect(kept.size).toBeGreaterThan(READERS / 2)
  expect(history.calls.filter(({ answeredAt }) => answeredAt !== null)).toHaveLength(13)
  expect(history.deliveries.some(({ status }) => status === 'skipped')).toBe(true)
  expect(history.messages.some(({ answer }) => answer === 4 || answer === 5)).toBe(true)
})

const mutations: readonly [name: string, mutate: (parts: Changed) => unknown, ...reported: Invariant[]][] = [
  ['a message twice', ({ facts, message }) => facts.messages.push({ ...message, at: message.at + 5 }), 'I1'],
  [
    'a message again after one without an answer',
    ({ facts, message }) => {
      facts.messages.push({ ...message, at: message.at + 5 })
      message.answer = undefined
    },
    'I1',
    'I5',
  ],
  ['a row dropped', ({ facts, row }) => facts.deliveries.splice(facts.deliveries.indexOf(row), 1), 'I2'],
  ['a row twice', ({ facts, row }) => facts.deliveries.push({ ...row }), 'I2'],
  [
    'a row for somebody who never said yes',
    ({ facts, row }) => facts.deliveries.push({ ...row, readerId: 9999 }),
    'I2',
  ],
  ['a row still queued', ({ row }) => Object.assign(row, { status: 'queued' }), 'I2'],
  ['a row still sending', ({ row }) => Object.assign(row, { status: 'sending' }), 'I2'],
  ['a skipped row without a reason', ({ facts }) => void dropReason(facts), 'I2'],
  ['a failed row whose message was accepted', ({ row }) => Object.assign(row, { status: 'failed' }), 'I2'],
  ['a retry left over', ({ facts, row }) => facts.retries.push(row), 'I2'],
  [
    'a range left over',
    ({ facts, newsletter }) => facts.ranges.push({ newsletterId: newsletter.id, isDone: false }),
    'I2',
  ],
  [
    'a newsletter that never ended',
    ({ newsletter }) => Object.assign(newsletter, { finishedAt: null }),
    'I2',
  ],
  [
    'a message without a yes in the events',
    ({ facts, reader }) => void dropEvents(facts, reader.publicId),
    'I3',
  ],
  [
    'a message after the answer to a withdrawal',
    parts => parts.facts.calls.push(withdrawal(parts, [])),
    'I4',
  ],
  ['the same where the door tells a number', parts => parts.facts.calls.push(withdrawal(parts, 0)), 'I4'],
  [
    'a message after the answer to a withdrawal that names another delivery',
    parts => parts.facts.calls.push(withdrawal(parts, [parts.newsletter.reference + parts.other.reference])),
    'I4',
  ],
  ['a message inside a pause', ({ facts, message }) => void delayInto(facts, message, 'pause'), 'I4'],
  ['a message after a cancellation', parts => void after(parts, 'cancel'), 'I4'],
  ['a message after the site was stopped', parts => void after(parts, 'stop'), 'I4'],
  [
    'a row sent without an accepted message',
    ({ facts, message }) => facts.messages.splice(facts.messages.indexOf(message), 1),
    'I5',
  ],
  ['a row sent whose message was refused', ({ message }) => Object.assign(message, { answer: 4 }), 'I5'],
  ['a row unknown without a reason', ({ row }) => Object.assign(row, { status: 'unknown' }), 'I5'],
  ['more messages than the topic promises', parts => void secondIssue(parts), 'I6'],
  [
    'a message to an address of nobody',
    ({ message }) => Object.assign(message, { to: ['x@example.org'] }),
    'I13',
  ],
  ['a message with two recipients', ({ message, other }) => void message.to.push(other.email), 'I13'],
  [
    'a message with the To header of somebody else',
    ({ message, other }) => Object.assign(message, { toHeader: other.email }),
    'I13',
  ],
  [
    'a message with the token of somebody else',
    ({ message, newsletter, other }) => void message.references.push(newsletter.reference + other.reference),
    'I13',
  ],
  ['a message with a forged token', ({ message }) => void message.references.push('?'), 'I13'],
  ['a message with the name of somebody else', parts => void foreignName(parts), 'I13'],
  [
    'a message before its time',
    ({ message, newsletter }) => Object.assign(message, { at: (newsletter.sendAt ?? 0) - 1 }),
    'I14',
  ],
  [
    'a newsletter started before its time',
    ({ newsletter }) => Object.assign(newsletter, { startedAt: (newsletter.sendAt ?? 0) - 1 }),
    'I14',
  ],
  [
    'another text than the approved one',
    ({ facts, message }) => {
      facts.skeletons.other = 'Something else'
      message.skeleton = 'other'
    },
    'I14',
  ],
  [
    'content changed after the approval',
    ({ newsletter }) => Object.assign(newsletter, { contentHash: 'ff'.repeat(32) }),
    'I14',
  ],
]

test.each(mutations)('the checker reports %s', (_name, mutate, ...reported) => {
  const parts = changed()
  mutate(parts)
  const found = new Set(verify(parts.facts, { unknown: 0 }).map(({ invariant }) => invariant))
  for (const invariant of reported) expect([...found]).toContain(invariant)
})

test('a withdrawal whose answer names the delivery, or that was never answered, forbids nothing', () => {
  const named = changed()
  named.facts.calls.push(withdrawal(named, [named.newsletter.reference + named.reader.reference]))
  named.facts.calls.push(withdrawal(named, 1), { ...withdrawal(named, 0), answeredAt: null })
  expect(verify(named.facts, { unknown: 0 })).toEqual([])
})

test('where only Redis was disturbed an unknown or failed delivery is reported, and so is any change without reason', () => {
  const { facts, row } = changed()
  row.status = 'failed'
  expect(verify(facts, { undisturbed: true }).map(({ invariant }) => invariant)).toContain('I7')
  expect(verifySame({ delivery: ['a'] }, { delivery: ['a'] })).toEqual([])
  expect(verifySame({ delivery: ['a'] }, { delivery: ['b'] })).toMatchObject([{ invariant: 'I7' }])
})

function dropReason(facts: Facts): void {
  const skipped = facts.deliveries.find(({ status }) => status === 'skipped')
  if (skipped) skipped.skipReason = null
}

function dropEvents(facts: Facts, principal: string): void {
  facts.events = facts.events.filter(event => event.principal !== principal)
}

function delayInto(facts: Facts, message: Facts['messages'][number], kind: string): void {
  const call = facts.calls.find(one => one.kind === kind)
  const resumed = facts.calls.find(one => one.kind === 'resume')
  if (!call?.answeredAt || !resumed) throw new Error('There is no pause')
  message.at = Math.floor((call.answeredAt + resumed.startedAt) / 2)
  // It was not one of those the answer named.
  call.passed = []
}

function after({ facts, message, newsletter }: Changed, kind: 'cancel' | 'stop'): void {
  const call = { startedAt: message.at - 20, answeredAt: message.at - 1, passed: [] }
  facts.calls.push(kind === 'stop' ? { kind, ...call } : { kind, newsletter: newsletter.publicId, ...call })
}

/** The same message as another issue of the topic, whose promise is one. */
function secondIssue({ facts, message, newsletter, reader, row }: Changed): void {
  for (const cap of facts.caps) cap.maxIssues = 1
  const second = { ...newsletter, id: 9999, publicId: crypto.randomUUID(), reference: '0'.repeat(12) }
  facts.newsletters.push(second)
  facts.deliveries.push({ ...row, newsletterId: 9999 })
  const references = [second.reference + reader.reference]
  facts.messages.push({ ...message, newsletter: second.publicId, references })
}

function foreignName({ facts, message, reader, other }: Changed): void {
  const text = facts.skeletons[message.skeleton] ?? ''
  facts.skeletons.foreign = text.replaceAll('{name}', other.name ?? '')
  message.skeleton = 'foreign'
  expect(reader.name).not.toBe(other.name)
}

// I3 and I4: nothing without a yes, nothing after the answer of a withdrawal, pause, cancellation or stop.
import type { Call, Control, Switch, Withdrawal } from './facts'
import { spansOf } from './verify-accounts'
import { deliveryIdOf, grouped, type Index, isKept, type KnownMessage, type Violation } from './verify-index'

/** A message may arrive from `from` to `until` only if the answer named it. */
interface Barrier {
  call: Call
  from: number
  until: number
}

export function checkBarriers(index: Index): Violation[] {
  const withdrawals = grouped(
    index.facts.calls.filter(call => call.kind === 'withdraw'),
    call => String(call.readerId),
  )
  const controls = controlBarriers(index)
  const switches = switchBarriers(index)
  return index.messages.filter(isKept).flatMap(message => {
    const barriers = [
      ...(withdrawals.get(String(message.reader.id)) ?? []).flatMap(call => leaving(index, message, call)),
      ...(controls.get(message.ours.publicId) ?? []),
      ...switches,
    ]
    return [...withoutConsent(index, message), ...barriers.flatMap(barrier => passed(message, barrier))]
  })
}

function withoutConsent(index: Index, message: KnownMessage): Violation[] {
  const { ours, reader, at } = message
  const stood = spansOf(index, reader, ours).some(
    ({ from, until }) => from <= at && until > (ours.startedAt ?? Number.NaN),
  )
  return stood ? [] : [violation('I3', message, 'went out, but the events show no standing yes')]
}

function passed(message: KnownMessage, { call, from, until }: Barrier): Violation[] {
  if (message.at <= from || message.at >= until) return []
  const named =
    typeof call.passed === 'number'
      ? call.passed > 0
      : call.passed.includes(deliveryIdOf(message.ours, message.reader))
  const late = message.at - from
  return named
    ? []
    : [
        violation(
          'I4',
          message,
          `was completed ${late} ms after the answer to "${call.kind}" that does not name it`,
        ),
      ]
}

/** Until the same person says yes again. */
function leaving(index: Index, { ours, reader }: KnownMessage, call: Withdrawal): Barrier[] {
  const { answeredAt } = call
  if (answeredAt === null) return []
  if (call.purposeId !== 'all' && call.purposeId !== ours.purposeId) return []
  const again = spansOf(index, reader, ours).find(({ from }) => from > call.startedAt)
  return [{ call, from: answeredAt, until: again?.from ?? Number.POSITIVE_INFINITY }]
}

function controlBarriers(index: Index): Map<string, Barrier[]> {
  const byNewsletter = grouped(
    index.facts.calls.filter((call): call is Control => 'newsletter' in call),
    call => call.newsletter,
  )
  return new Map(
    [...byNewsletter].map(([newsletter, calls]) => [newsletter, spansUntil<Control>(calls, 'resume')]),
  )
}

const switchBarriers = (index: Index): Barrier[] =>
  spansUntil<Switch>(
    index.facts.calls.filter((call): call is Switch => call.kind === 'stop' || call.kind === 'start'),
    'start',
  )

/** Each barrier ends when the next call that lifts it is sent, whatever becomes of that; a cancellation never does. */
function spansUntil<One extends Control | Switch>(calls: readonly One[], lifting: One['kind']): Barrier[] {
  return calls.flatMap(call => {
    if (call.kind === lifting || call.answeredAt === null) return []
    const end = calls.find(other => other.kind === lifting && other.startedAt >= call.startedAt)
    const until = call.kind === 'cancel' ? undefined : end?.startedAt
    return [{ call, from: call.answeredAt, until: until ?? Number.POSITIVE_INFINITY }]
  })
}

const violation = (invariant: 'I3' | 'I4', { ours, reader }: KnownMessage, problem: string): Violation => ({
  invariant,
  newsletter: ours.publicId,
  delivery: deliveryIdOf(ours, reader),
  problem,
})

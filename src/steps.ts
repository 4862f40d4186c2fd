// Named moments of the send path. Whoever tests faults listens on node:diagnostics_channel; nobody does in production.
import { type Channel, channel } from 'node:diagnostics_channel'

/** In the order a newsletter meets them. Each is a moment at which a process may die, stand still or fail. */
export const STEPS = [
  'sweep.before',
  'sweep.leader',
  'renewals.after',
  'sweep.after',
  'job.taken',
  'start.before',
  'start.after',
  'expand.before',
  'expand.planned',
  'expand.middle',
  'expand.after',
  'claim.before',
  'claim.after',
  'connect.after',
  'mail.after',
  'rcpt.after',
  'data.after',
  'body.middle',
  'gate.before',
  'gate.after',
  'dot.after',
  'reply.after',
  'settle.before',
  'settle.after',
  'release.before',
  'release.after',
  'finish.before',
  'finish.after',
  'job.before-ack',
] as const
export type Step = (typeof STEPS)[number]

/** Ids only: nothing that names a person (I10). */
export type StepIds = Readonly<Record<string, number>>

/** What a listener gets. Setting `failure` makes the step throw it. */
export interface StepMessage {
  step: Step
  ids: StepIds
  failure?: Error
}

export const stepChannel = (name: Step): string => `weinterrupt:${name}`

const channels = Object.fromEntries(STEPS.map(name => [name, channel(stepChannel(name))])) as Record<
  Step,
  Channel
>
const NO_IDS: StepIds = {}

/** Says that the step is reached. Without a listener it costs one look at a flag. Throws only what a listener asks for. */
export function step(name: Step, ids: StepIds = NO_IDS): void {
  if (!channels[name].hasSubscribers) return
  const message: StepMessage = { step: name, ids }
  channels[name].publish(message)
  // An error thrown by a listener would not reach the caller (it becomes an uncaught exception).
  if (message.failure) throw message.failure
}

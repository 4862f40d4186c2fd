// Every HTTP door by which a reader's mail ends or pauses, as a mail program, a browser, a client or staff uses it.
import { graphql } from '../support/api'

export interface Answer {
  isDone: boolean
  /** Deliveries named as passed, or their number where the door tells only that. */
  passed: readonly string[] | number
}
const NOTHING: Answer = { isDone: false, passed: [] }

/** What a door needs beside the links of the mail: a log-in, one with a fresh code, or the link that asks to renew. */
export type Need = 'cookie' | 'proved-cookie' | 'bearer' | 'proved-bearer' | 'renewal'

/** Somebody at a door, in plain values that another process can be told. */
export interface Leaver {
  /** The API that is asked. */
  url: string
  adminToken: string
  publicId: string
  email: string
  /** Of the two links in their mail. */
  tokens: { unsubscribe: string; preferences: string }
  /** What `needs` names: a cookie, an access token, or the token of a link. */
  key: string
}

export interface LeavingDoor {
  /** What ends: this topic's mail, or all of it. */
  ends: 'topic' | 'all'
  needs?: Need
  leave(leaver: Leaver): Promise<Answer>
}

const LATER = () => new Date(Date.now() + 30 * 86_400_000)
const SLUG = 'torture'
const PURPOSE = `topic:${SLUG}`

async function post(url: string, fields: Record<string, string>, cookie = ''): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { origin: new URL(url).origin, cookie },
    body: new URLSearchParams(fields),
    redirect: 'manual',
  })
  const text = await response.text()
  const mayArrive = text.includes('already on its way') || text.includes('already on their way')
  // Who is taken for a stranger gets a page with a field for an address.
  const isDone = response.status === 200 && !text.includes('name="email"')
  return { isDone, passed: mayArrive ? 1 : 0 }
}

type Field = readonly [call: string, arguments: string]

async function ask(
  { url }: Leaver,
  [call, args]: Field,
  variables: Record<string, unknown>,
  as?: { token: string; staff: boolean },
): Promise<Answer> {
  const query = `mutation (${args}) { done: ${call} { alreadyPassed userErrors { code } } }`
  const { data } = await graphql({ url }, query.replace(' ()', ''), variables, as)
  const done = data?.done
  return done?.userErrors.length === 0 ? { isDone: true, passed: done.alreadyPassed } : NOTHING
}

const link = (fields: Record<string, string>, ends: 'topic' | 'all'): LeavingDoor => ({
  ends,
  leave: leaver => post(`${leaver.url}/u/${leaver.tokens.unsubscribe}`, fields),
})

const preferences = (fields: Record<string, string>, ends: 'topic' | 'all'): LeavingDoor => ({
  ends,
  leave: leaver => post(`${leaver.url}/p/${leaver.tokens.preferences}`, fields),
})

/** The mutation of a client that has only the token of the mail. */
const byToken = (
  call: string,
  type: string,
  ends: 'topic' | 'all',
  input: () => Record<string, unknown>,
): LeavingDoor => ({
  ends,
  leave: leaver =>
    ask(leaver, [`${call}(input: $input)`, `$input: ${type}!`], {
      input: { ...input(), token: leaver.tokens.unsubscribe },
    }),
})

const page = (
  path: '/p' | '/p/data',
  fields: Record<string, string>,
  ends: 'topic' | 'all' = 'all',
  needs: Need = 'cookie',
): LeavingDoor => ({ ends, needs, leave: ({ url, key }) => post(url + path, fields, key) })

const loggedIn = (
  field: Field,
  variables: () => Record<string, unknown> = () => ({}),
  { ends = 'all', needs = 'bearer' }: { ends?: 'topic' | 'all'; needs?: Need } = {},
): LeavingDoor => ({
  ends,
  needs,
  leave: leaver => ask(leaver, field, variables(), { token: leaver.key, staff: false }),
})

/** What staff does for a reader. */
const staff = (field: Field, variables: (leaver: Leaver) => Record<string, unknown>): LeavingDoor => ({
  ends: 'all',
  leave: leaver => ask(leaver, field, variables(leaver), { token: leaver.adminToken, staff: true }),
})

const asAdmin = (call: string): LeavingDoor =>
  staff([`${call}(id: $id, reason: "torture")`, '$id: ID!'], ({ publicId }) => ({ id: publicId }))

const no = () => ({
  policyVersion: '1',
  decisions: [{ purposeKey: PURPOSE, purposeVersion: 1, granted: false }],
  surface: 'MOBILE_APP',
  method: 'SINGLE_TOGGLE',
})

const TOPIC_OFF = { act: 'topic', slug: SLUG, choice: 'OFF' }
const PAUSE = { act: 'pause', for: '2w' }

export const doors = {
  'one-click': link({ 'List-Unsubscribe': 'One-Click' }, 'topic'),
  page: link({ scope: 'topic' }, 'topic'),
  everything: link({ scope: 'all' }, 'all'),
  mutation: byToken('unsubscribe', 'UnsubscribeInput', 'topic', () => ({ scope: 'TOPIC' })),
  'consent-save': byToken('consentSave', 'ConsentInput', 'topic', no),
  'topic-pause': byToken('topicPreferenceSave', 'TopicPreferenceInput', 'topic', () => ({
    topicSlug: SLUG,
    frequency: 'EVERY_ISSUE',
    pausedUntil: LATER(),
  })),
  pause: byToken('subscriptionsPause', 'PauseInput', 'all', () => ({ until: LATER() })),
  'link-off': preferences(TOPIC_OFF, 'topic'),
  'link-pause': preferences(PAUSE, 'all'),
  'link-stop': preferences({ act: 'stop' }, 'all'),
  'renewal-stop': {
    ends: 'topic',
    needs: 'renewal',
    leave: ({ url, key }) => post(`${url}/a/${key}/stop`, { [`shown:${PURPOSE}`]: '1' }),
  },
  'centre-off': page('/p', TOPIC_OFF, 'topic'),
  'centre-pause': page('/p', PAUSE),
  'centre-stop': page('/p', { act: 'stop' }),
  'data-object': page('/p/data', { act: 'object' }),
  'data-restrict': page('/p/data', { act: 'restrict' }),
  'data-erase': page('/p/data', { act: 'erase', confirm: 'yes' }, 'all', 'proved-cookie'),
  'own-consent-save': loggedIn(
    ['consentSave(input: $input)', '$input: ConsentInput!'],
    () => ({ input: no() }),
    { ends: 'topic' },
  ),
  object: loggedIn(['readerObject', '']),
  restrict: loggedIn(['readerRestrict', '']),
  erase: loggedIn(['dataErasureRequest(confirm: true)', ''], undefined, { needs: 'proved-bearer' }),
  'staff-object': asAdmin('readerObject'),
  'staff-restrict': asAdmin('readerRestrict'),
  'staff-erase': asAdmin('readerErase'),
  'staff-suppress': staff(['suppressionAdd(input: $input)', '$input: SuppressionInput!'], ({ email }) => ({
    input: { email, note: 'torture' },
  })),
} satisfies Record<string, LeavingDoor>

export type DoorName = keyof typeof doors
export const doorNames = Object.keys(doors) as DoorName[]
export const doorOf = (name: DoorName): LeavingDoor => doors[name]

export interface TimedAnswer {
  startedAt: number
  /** Null: the door did not answer, or promised nothing. */
  answeredAt: number | null
  ms: number
  passed: Answer['passed']
}

/** Leaves by this door, whatever becomes of it. */
export async function leave(name: DoorName, leaver: Leaver): Promise<TimedAnswer> {
  const startedAt = Date.now()
  const begun = performance.now()
  const { isDone, passed } = await doorOf(name)
    .leave(leaver)
    .catch(() => NOTHING)
  return { startedAt, answeredAt: isDone ? Date.now() : null, ms: performance.now() - begun, passed }
}

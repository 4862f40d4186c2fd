// What the form of a preferences link may do: each of it makes mail less, or nothing happens. Needs MariaDB alone.
import { pause } from '../consent/pause'
import type { ReaderChange } from '../consent/reader-change'
import { chooseForTopic } from '../consent/topic-preference'
import { type Withdrawal, withdraw } from '../consent/withdraw'
import { Frequency } from '../entities/consent'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import type { Reader } from '../entities/reader'
import { Topic } from '../entities/topic'
import { transaction } from '../transaction'
import type { Services } from './context'
import { isPauseDate } from './future-date'
import { OFF } from './pages/topic-form'
import { pauseEnd } from './pause-fields'

export type Reduced =
  /** The deliveries that had passed before; `stopped`: nothing more comes at all. */
  | { passed: string[]; stopped?: true }
  | { wrong: 'centre.less.error' | 'centre.choice.error' | 'centre.pause.error'; field: string }

interface LinkOwner {
  reader: Reader
  newsletterId: number
}

/** Does what the form asks for; answers what is wrong with it. */
export async function reduce(
  services: Pick<Services, 'db'>,
  owner: LinkOwner,
  fields: URLSearchParams,
): Promise<Reduced> {
  switch (fields.get('act')) {
    case 'stop':
      return { passed: await takeBack(services, owner, 'all'), stopped: true }
    case 'pause':
      return pauseAll(services, owner, fields)
    case 'topic':
      return chooseTopic(services, owner, fields)
    default:
      return { wrong: 'centre.choice.error', field: '' }
  }
}

async function takeBack(
  { db }: Pick<Services, 'db'>,
  { reader, newsletterId }: LinkOwner,
  scope: Withdrawal['scope'],
): Promise<string[]> {
  const { alreadyPassed } = await transaction(db, tx =>
    withdraw(tx, {
      readerId: reader.id,
      scope,
      surface: ConsentSurface.PREFERENCE_PAGE,
      method: ConsentMethod.SINGLE_TOGGLE,
      newsletterId,
    }),
  )
  return alreadyPassed
}

async function pauseAll(
  { db }: Pick<Services, 'db'>,
  { reader }: LinkOwner,
  fields: URLSearchParams,
): Promise<Reduced> {
  const until = pauseEnd(fields, reader.timeZone)
  if (!until || !(await isPauseDate(db.manager, until)))
    return { wrong: 'centre.pause.error', field: 'until' }
  return outcomeOf(await transaction(db, tx => pause(tx, reader.id, until, false)))
}

async function chooseTopic(
  services: Pick<Services, 'db'>,
  owner: LinkOwner,
  fields: URLSearchParams,
): Promise<Reduced> {
  const { db } = services
  const topic = await db.manager.findOneBy(Topic, { slug: (fields.get('slug') ?? '').slice(0, 60) })
  const choice = fields.get('choice') ?? ''
  if (topic && choice === OFF)
    return { passed: await takeBack(services, owner, { purposeId: topic.purposeId }) }
  if (!topic || !isFrequency(choice)) return { wrong: 'centre.choice.error', field: '' }
  return outcomeOf(
    await transaction(db, tx =>
      chooseForTopic(tx, owner.reader.id, topic.purposeId, { frequency: choice }, false),
    ),
  )
}

export const isFrequency = (text: string): text is Frequency =>
  Object.values<string>(Frequency).includes(text)

const outcomeOf = (change: ReaderChange): Reduced =>
  change.kind === 'changed' ? { passed: change.alreadyPassed } : { wrong: 'centre.less.error', field: '' }

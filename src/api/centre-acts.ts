// What the forms of a reader's own page do, each by the verb that stands behind GraphQL too.
import { IANAZone } from 'luxon'
import { CHANGE_HOURS } from '../consent/change-address'
import { pause } from '../consent/pause'
import { materialVersion } from '../consent/policies'
import { chooseForTopic } from '../consent/topic-preference'
import { withdraw } from '../consent/withdraw'
import { Consent } from '../entities/consent'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { Topic } from '../entities/topic'
import { message } from '../messages'
import { transaction } from '../transaction'
import { isPauseDate } from './future-date'
import type { OwnContext } from './own-page'
import { changeOwn, type OwnVerb } from './owner'
import type { Done } from './pages/preferences-page'
import { OFF } from './pages/topic-form'
import { pauseEnd } from './pause-fields'
import { isFrequency } from './reduce'
import { saveConsents } from './save-consents'
import { saveOwnProfile, startEmailChange } from './save-own-profile'
import { stands } from './topic-settings'
import { ErrorCode, InputError, UserError } from './user-errors'

export type Outcome = Done | UserError[]
type Act = (context: OwnContext, fields: Fields) => Promise<Outcome>
type Fields = Pick<URLSearchParams, 'get'>

const own = ({ reader }: OwnContext) => ({ readerId: reader.id, link: undefined })
const text = (fields: Fields, name: string): string => (fields.get(name) ?? '').slice(0, 500)
const wrong = ({ locale }: OwnContext, field: string, words: string): UserError[] => [
  new InputError(locale, ErrorCode.INVALID, [field], words),
]
const done = (outcome: string[] | UserError): Outcome =>
  outcome instanceof UserError ? [outcome] : { alreadyPassed: outcome.length }

/** By the name of the form. What is not among them does nothing. */
export const centreActs: Readonly<Record<string, Act>> = {
  topic: saveTopic,
  'topic-resume': resumeTopic,
  pause: pauseAll,
  resume: (context, fields) => pauseUntil(context, fields, null),
  purpose: (context, fields) => say(context, fields, text(fields, 'key'), text(fields, 'granted') === 'yes'),
  profile: saveAboutYou,
  address: changeAddress,
  stop: stopAll,
}

const topicOf = ({ db }: OwnContext, fields: Fields): Promise<Topic | null> =>
  db.manager.findOne(Topic, {
    where: { slug: text(fields, 'slug').slice(0, 60) },
    relations: { purpose: true },
  })

async function saveTopic(context: OwnContext, fields: Fields): Promise<Outcome> {
  const { db, reader, locale } = context
  const topic = await topicOf(context, fields)
  const choice = text(fields, 'choice')
  if (!topic?.purpose || (choice !== OFF && !isFrequency(choice)))
    return wrong(context, '', message(locale, 'centre.choice.error'))
  const { key, id: purposeId } = topic.purpose
  if (choice === OFF) return say(context, fields, key, false)
  const consent = await db.manager.findOneBy(Consent, { purposeId, readerId: reader.id })
  if (!stands(consent, await materialVersion(db.manager))) {
    const given = await say(context, fields, key, true)
    if (Array.isArray(given)) return given
  }
  // How often is a choice within a yes, whatever has become of its words.
  const verb: OwnVerb = (tx, proof) =>
    chooseForTopic(tx, reader.id, purposeId, { frequency: choice }, proof !== undefined)
  return done(await changeOwn(context, own(context), verb, { field: [''], code: text(fields, 'code') }))
}

async function resumeTopic(context: OwnContext, fields: Fields): Promise<Outcome> {
  const topic = await topicOf(context, fields)
  if (!topic) return wrong(context, '', message(context.locale, 'centre.choice.error'))
  const verb: OwnVerb = (tx, proof) =>
    chooseForTopic(tx, context.reader.id, topic.purposeId, { pausedUntil: null }, proof !== undefined)
  return done(await changeOwn(context, own(context), verb, { field: [''], code: text(fields, 'code') }))
}

async function pauseAll(context: OwnContext, fields: Fields): Promise<Outcome> {
  const until = pauseEnd(fields, context.reader.timeZone)
  if (!until || !(await isPauseDate(context.db.manager, until)))
    return wrong(context, 'until', message(context.locale, 'centre.pause.error'))
  return pauseUntil(context, fields, until)
}

async function pauseUntil(context: OwnContext, fields: Fields, until: Date | null): Promise<Outcome> {
  const verb: OwnVerb = (tx, proof) => pause(tx, context.reader.id, until, proof !== undefined)
  return done(await changeOwn(context, own(context), verb, { field: [''], code: text(fields, 'code') }))
}

/** One yes or no, to the words that stood above the button. */
async function say(
  context: OwnContext,
  fields: Fields,
  purposeKey: string,
  granted: boolean,
): Promise<Outcome> {
  const purposeVersion = Number.parseInt(text(fields, 'purposeVersion'), 10) || 0
  const input = {
    policyVersion: text(fields, 'policyVersion'),
    decisions: [{ purposeKey, purposeVersion, granted }],
    surface: ConsentSurface.PREFERENCE_PAGE,
    method: ConsentMethod.SINGLE_TOGGLE,
  }
  return done(await saveConsents(context, own(context), input, text(fields, 'code')))
}

async function saveAboutYou(context: OwnContext, fields: Fields): Promise<Outcome> {
  const zone = fields.get('timeZone')?.trim().slice(0, 100)
  const timeZone = zone === '' ? null : zone
  if (timeZone && !IANAZone.isValidZone(timeZone))
    return wrong(context, 'timeZone', message(context.locale, 'centre.own.zoneError'))
  const name = fields.get('name') ?? undefined
  const input = { name, locale: text(fields, 'locale') || undefined, timeZone }
  const errors = await saveOwnProfile(context, context.reader, input)
  return errors.length > 0 ? errors : { alreadyPassed: 0 }
}

async function changeAddress(context: OwnContext, fields: Fields): Promise<Outcome> {
  const error = await startEmailChange(
    context,
    context.reader,
    text(fields, 'newEmail'),
    text(fields, 'code'),
  )
  if (error) return [error]
  return {
    text: message(context.locale, 'centre.own.addressDone', { hours: CHANGE_HOURS }),
    alreadyPassed: 0,
  }
}

async function stopAll({ db, reader, locale }: OwnContext): Promise<Outcome> {
  const { alreadyPassed } = await transaction(db, tx =>
    withdraw(tx, {
      readerId: reader.id,
      scope: 'all',
      surface: ConsentSurface.PREFERENCE_PAGE,
      method: ConsentMethod.SINGLE_TOGGLE,
      newsletterId: null,
    }),
  )
  return { text: message(locale, 'centre.stop.done'), alreadyPassed: alreadyPassed.length }
}

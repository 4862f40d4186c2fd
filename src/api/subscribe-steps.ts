// The two steps of the sign-up page, drawn with the words and versions that are in force now.
import type { Response } from 'express'
import { currentPolicy } from '../consent/policies'
import { type ShownPurpose, shownPurposes } from '../consent/purposes'
import { PurposeKind } from '../entities/purpose'
import { makeChallenge } from './challenge'
import type { Client } from './client'
import type { Services } from './context'
import { allowScripts, type Frame, languagesOf, sendPage } from './page-frame'
import { agePage } from './pages/age-page'
import type { FieldError } from './pages/form-parts'
import { type SignUpPageProps, signUpPage } from './pages/subscribe-page'

/** Step 1, with what was wrong with it. */
export async function ageStep(
  { db }: Services,
  frame: Frame,
  again: { errors?: FieldError[]; values?: { birthMonth?: string; birthYear?: string } } = {},
): Promise<string> {
  const purposes = await shownPurposes(db.manager, frame.locale, frame.locales)
  const topics = purposes.filter(isTopic).map(({ words }) => ({ title: words.title, cadence: words.cadence }))
  return agePage({ ...frame, topics, ...again, languages: languagesOf(frame, '/subscribe') })
}

type Again = Pick<SignUpPageProps, 'agePass' | 'formId' | 'errors' | 'values'>

/**
 * Sends step 2, with the words and versions that are in force now, and a proof of work to do where the breaker is
 * tripped. Throws UnavailableError while Redis is away, before anybody has typed anything.
 */
export async function sendDetails(
  response: Response,
  context: Services & { client: Client },
  frame: Frame,
  again: Again,
  status = 200,
): Promise<void> {
  const { db, limits, client } = context
  const policy = await currentPolicy(db.manager, frame.locale, frame.locales)
  const purposes = await shownPurposes(db.manager, frame.locale, frame.locales)
  const challenge = (await limits.breaker.isTripped(client)) ? await makeChallenge(context) : undefined
  if (challenge) allowScripts(response)
  const html = signUpPage({
    ...frame,
    ...again,
    challenge,
    policy: { version: policy.version, effectiveAt: policy.effectiveAt },
    topics: purposes.filter(isTopic).map(choiceOf),
    otherPurposes: purposes.filter(purpose => !isTopic(purpose)).map(choiceOf),
  })
  sendPage(response, html, status)
}

const isTopic = ({ purpose }: ShownPurpose): boolean => purpose.kind === PurposeKind.NEWSLETTER_TOPIC

const choiceOf = ({ purpose, words }: ShownPurpose) => ({
  key: purpose.key,
  version: words.version,
  title: words.title,
  description: words.description,
  cadence: words.cadence,
})

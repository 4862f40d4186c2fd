// The pages behind the link in the confirmation mail. GET shows a button, POST confirms (O2): scanners follow links.
import type { VNode } from 'preact'
import { listInWords, message } from '../../messages'
import { Hidden, Words } from './form-parts'
import { type PageFrame, page } from './layout'
import { type ChangedPolicy, PolicyNews } from './policy-news'
import { type TopicLine, TopicList } from './topic-list'

export interface ConfirmPageProps extends PageFrame {
  token: string
  topics: readonly TopicLine[]
  /** Titles of what else was said yes to, such as personalisation. */
  otherPurposes: readonly string[]
  /** W3: shown masked only. */
  maskedEmail: string
  /** In force since it was asked for, and to be shown before the yes. */
  policy?: ChangedPolicy
}

/** What will be confirmed, one button that POSTs to the same address, and "This wasn't me". */
export function confirmPage(props: ConfirmPageProps): string {
  const { locale, token } = props
  const title = message(locale, 'confirm.title')
  const action = `/c/${encodeURIComponent(token)}`
  return page({
    frame: props,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <WhatWasAsked {...props} />
        {props.policy && <PolicyChange locale={locale} policy={props.policy} />}
        <form method="post" action={action} class="act">
          {props.policy && <Hidden values={{ policyVersion: props.policy.version }} />}
          <button type="submit" class="main-button">
            {buttonText(locale, props.topics)}
          </button>
        </form>
        <form method="post" action={`${action}/deny`} class="aside">
          <p>{message(locale, 'confirm.deny.text')}</p>
          <button type="submit" class="second-button">
            {message(locale, 'confirm.deny.button')}
          </button>
        </form>
      </>
    ),
  })
}

/** After the POST: what comes now. Nothing to log in to. */
export function confirmedPage(
  props: PageFrame & { topics: readonly TopicLine[]; maskedEmail: string },
): string {
  const { locale, topics } = props
  const title =
    topics.length > 0
      ? message(locale, 'confirm.done.title', { topics: titlesOf(locale, topics) })
      : message(locale, 'confirm.done.titlePlain')
  return page({
    frame: props,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <TopicList topics={topics} />
        {topics.length > 0 && <NextSteps locale={locale} maskedEmail={props.maskedEmail} />}
      </>
    ),
  })
}

/** A used link: it is confirmed, whoever opens it again. */
export function alreadyConfirmedPage(frame: PageFrame): string {
  return answer(frame, 'confirm.already.title', message(frame.locale, 'confirm.already.text'))
}

/** A link older than its 72 hours. */
export function confirmExpiredPage(frame: PageFrame & { hours?: number }): string {
  const text = message(frame.locale, 'confirm.expired.text', { hours: frame.hours ?? 72 })
  return answer(frame, 'confirm.expired.title', text, <SignUpAgain locale={frame.locale} />)
}

/** A forged or cut-off link (404). */
export function confirmInvalidPage(frame: PageFrame): string {
  return answer(frame, 'confirm.invalid.title', message(frame.locale, 'confirm.invalid.text'))
}

/** After "This wasn't me". */
export function confirmDeniedPage(frame: PageFrame): string {
  return answer(frame, 'confirm.denied.title', message(frame.locale, 'confirm.denied.text'))
}

type AnswerTitle = `confirm.${'already' | 'expired' | 'invalid' | 'denied'}.title`

function answer(frame: PageFrame, titleKey: AnswerTitle, text: string, more?: VNode): string {
  const title = message(frame.locale, titleKey)
  return page({
    frame,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{text}</p>
        {more}
      </>
    ),
  })
}

function WhatWasAsked({ locale, siteName, topics, otherPurposes, maskedEmail }: ConfirmPageProps): VNode {
  const values = { site: siteName, address: <Address masked={maskedEmail} /> }
  return (
    <>
      {topics.length > 0 && (
        <p>
          <Words locale={locale} text="confirm.text" values={values} />
        </p>
      )}
      <TopicList topics={topics} />
      {otherPurposes.length > 0 && <p>{message(locale, 'confirm.purposes')}</p>}
      <TopicList topics={otherPurposes.map(title => ({ title, cadence: null }))} />
    </>
  )
}

function PolicyChange({ locale, policy }: { locale: string; policy: ChangedPolicy }): VNode {
  const { version, effectiveAt } = policy
  return (
    <section class="change-summary" aria-labelledby="changed">
      <h2 id="changed">{message(locale, 'confirm.policy.title')}</h2>
      <PolicyNews locale={locale} policy={policy} />
      <p>{message(locale, 'confirm.policy.text', { version, date: effectiveAt })}</p>
    </section>
  )
}

function NextSteps({ locale, maskedEmail }: { locale: string; maskedEmail: string }): VNode {
  const address = <Address masked={maskedEmail} />
  return (
    <section aria-labelledby="next">
      <h2 id="next">{message(locale, 'confirm.done.next')}</h2>
      <ul class="plain-list">
        <li>
          <Words locale={locale} text="confirm.done.first" values={{ address }} />
        </li>
        <li>{message(locale, 'confirm.done.often')}</li>
        <li>{message(locale, 'confirm.done.stop')}</li>
      </ul>
    </section>
  )
}

function SignUpAgain({ locale }: { locale: string }): VNode {
  return (
    <p>
      <a href="/subscribe">{message(locale, 'confirm.again')}</a>
    </p>
  )
}

/** A masked address, kept in one piece and in its own direction. */
export function Address({ masked }: { masked: string }): VNode {
  return <bdi class="address">{masked}</bdi>
}

function buttonText(locale: string, topics: readonly TopicLine[]): string {
  if (topics.length === 0) return message(locale, 'confirm.buttonPlain')
  return message(locale, 'confirm.button', { topics: titlesOf(locale, topics) })
}

function titlesOf(locale: string, topics: readonly TopicLine[]): string {
  return listInWords(
    locale,
    topics.map(topic => topic.title),
  )
}

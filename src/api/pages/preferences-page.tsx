// The page behind the preferences link of every mail: the masked address, the topics and their state, and how to get less.
import type { VNode } from 'preact'
import { message } from '../../messages'
import { Address } from './confirm-page'
import { ErrorSummary, type FieldError, Hidden, Words } from './form-parts'
import { type PageFrame, page } from './layout'
import { messagePage } from './message-page'
import { PauseForm } from './pause-form'
import { TopicForm, type TopicSetting } from './topic-form'

/** What the last press of a button did. */
export interface Done {
  /** A sentence of its own instead of "saved". */
  text?: string
  alreadyPassed: number
}

export interface PreferencesPageProps extends PageFrame {
  token: string
  maskedEmail: string
  topics: readonly TopicSetting[]
  pausedUntil: Date | null
  done?: Done
  errors?: readonly FieldError[]
}

export function preferencesPage(props: PreferencesPageProps): string {
  const { locale, siteName, maskedEmail, topics, errors = [] } = props
  const title = message(locale, 'centre.title', { site: siteName })
  const action = `/p/${encodeURIComponent(props.token)}`
  const isOn = topics.some(topic => topic.isOn)
  return page({
    frame: props,
    title: errors.length > 0 ? message(locale, 'page.errorPrefix', { title }) : title,
    noindex: true,
    children: (
      <>
        <ErrorSummary locale={locale} errors={errors} />
        <DoneNote locale={locale} done={props.done} />
        <h1>{title}</h1>
        <p>
          <Words locale={locale} text="centre.for" values={{ address: <Address masked={maskedEmail} /> }} />
        </p>
        <Topics {...props} action={action} />
        {isOn && (
          <PauseForm locale={locale} action={action} pausedUntil={props.pausedUntil} errors={errors} />
        )}
        {isOn && <StopAll locale={locale} siteName={siteName} action={action} />}
        <p class="quiet">
          <Words
            locale={locale}
            text="centre.more"
            values={{ link: <a href="/p">{message(locale, 'centre.more.link')}</a> }}
          />
        </p>
        <p class="quiet">
          <a href="/p/mails">{message(locale, 'centre.why')}</a>
        </p>
      </>
    ),
  })
}

/** The link is genuine, but nobody is behind it any more. */
export const preferencesGonePage = (frame: PageFrame): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'centre.gone.title'),
    text: message(frame.locale, 'centre.gone.text'),
  })

function Topics({ locale, topics, action }: PreferencesPageProps & { action: string }): VNode {
  const off = topics.filter(topic => !topic.isOn)
  return (
    <>
      {off.length === topics.length && <p class="lead">{message(locale, 'centre.topic.none')}</p>}
      {topics
        .filter(topic => topic.isOn)
        .map(topic => (
          <TopicForm
            key={topic.slug}
            locale={locale}
            action={action}
            topic={topic}
            onlyLess
            policyVersion=""
          />
        ))}
      {off.length > 0 && (
        <section aria-labelledby="off">
          <h2 id="off">{message(locale, 'centre.topic.others')}</h2>
          <ul class="plain-list">
            {off.map(topic => (
              <li key={topic.slug}>{topic.title}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

/** Read out by itself, since the page comes back with the focus on top. */
export function DoneNote({ locale, done }: { locale: string; done: Done | undefined }): VNode | null {
  if (!done) return null
  return (
    <div class="done-note" role="status">
      <p>{done.text ?? message(locale, 'centre.saved')}</p>
      {done.alreadyPassed > 0 && <p>{message(locale, 'centre.passed', { count: done.alreadyPassed })}</p>}
    </div>
  )
}

export function StopAll(props: { locale: string; siteName: string; action: string }): VNode {
  return (
    <form method="post" action={props.action} class="aside">
      <p>{message(props.locale, 'centre.own.stop')}</p>
      <Hidden values={{ act: 'stop' }} />
      <button type="submit" class="second-button">
        {message(props.locale, 'centre.stop.button', { site: props.siteName })}
      </button>
    </form>
  )
}

// The pages behind the unsubscribe link of every mail. GET shows a button, POST stops it at once (U6, U10): one page, one press.
import type { VNode } from 'preact'
import { message } from '../../messages'
import { Address } from './confirm-page'
import { Words } from './form-parts'
import { type PageFrame, page } from './layout'

export interface UnsubscribePageProps extends PageFrame {
  token: string
  /** The name of the topic; null when the topic is gone (the link still works, U7). */
  topic: string | null
  /** W3: shown masked only. */
  maskedEmail: string
  /** Of the preferences link that belongs to the same mail; null when there is nobody whose they could be. */
  preferencesToken: string | null
}

export interface UnsubscribedPageProps extends PageFrame {
  token: string
  topic: string | null
  scope: 'topic' | 'all'
  /** How many messages had passed the gate before (DESIGN I4); said only when there are any. */
  alreadyPassed: number
}

/** "Stop getting Weekly at m•••@example.org?" and one button; below, smaller, a second one that stops everything. */
export function unsubscribePage(props: UnsubscribePageProps): string {
  const { locale, topic, token } = props
  return page({
    frame: props,
    title: question(props),
    noindex: true,
    children: (
      <>
        <h1>
          <Question {...props} />
        </h1>
        <p>{message(locale, 'stop.text')}</p>
        <form method="post" action={actionOf(token)} class="act">
          <button type="submit" class="main-button">
            {message(locale, 'stop.button')}
            {topic && <span class="visually-hidden"> {topic}</span>}
          </button>
        </form>
        <Less {...props} />
        <StopEverything {...props} />
      </>
    ),
  })
}

/** Below and smaller: for who only has too much of it. */
function Less({ locale, preferencesToken }: UnsubscribePageProps): VNode | null {
  if (!preferencesToken) return null
  const link = <a href={`/p/${preferencesToken}`}>{message(locale, 'stop.less.link')}</a>
  return (
    <p class="quiet">
      <Words locale={locale} text="stop.less" values={{ link }} />
    </p>
  )
}

/** After the POST, for people and mail programs alike. */
export function unsubscribedPage(props: UnsubscribedPageProps): string {
  const { locale, scope, alreadyPassed } = props
  const title = doneTitle(props)
  const again = <a href="/subscribe">{message(locale, 'stop.done.again')}</a>
  return page({
    frame: props,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{message(locale, scope === 'all' ? 'stop.doneAll.text' : 'stop.done.text')}</p>
        {alreadyPassed > 0 && <p>{message(locale, 'stop.done.passed', { count: alreadyPassed })}</p>}
        <p class="quiet">
          <Words locale={locale} text="stop.done.undo" values={{ again }} />
        </p>
        {scope === 'topic' && <StopEverything {...props} />}
      </>
    ),
  })
}

/** A forged or cut-off link (404): no hint whether anybody exists. */
export function unsubscribeInvalidPage(frame: PageFrame): string {
  const title = message(frame.locale, 'stop.invalid.title')
  return page({
    frame,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{message(frame.locale, 'stop.invalid.text')}</p>
      </>
    ),
  })
}

/** The database did not answer (503, U9): never "done" when it is not; the button sends the same again. */
export function unsubscribeFailedPage(props: PageFrame & { token: string; scope: 'topic' | 'all' }): string {
  const { locale } = props
  const title = message(locale, 'stop.failed.title')
  return page({
    frame: props,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{message(locale, 'stop.failed.text')}</p>
        <form method="post" action={actionOf(props.token)} class="act">
          {props.scope === 'all' && <input type="hidden" name="scope" value="all" />}
          <button type="submit" class="main-button">
            {message(locale, 'stop.failed.button')}
          </button>
        </form>
      </>
    ),
  })
}

function StopEverything({ locale, siteName, token }: PageFrame & { token: string }): VNode {
  return (
    <form method="post" action={actionOf(token)} class="aside">
      <p>{message(locale, 'stop.all.text')}</p>
      <input type="hidden" name="scope" value="all" />
      <button type="submit" class="second-button">
        {message(locale, 'stop.all.button', { site: siteName })}
      </button>
    </form>
  )
}

function Question({ locale, topic, maskedEmail }: UnsubscribePageProps): VNode {
  const address = <Address masked={maskedEmail} />
  if (topic === null) return <Words locale={locale} text="stop.titlePlain" values={{ address }} />
  return (
    <Words locale={locale} text="stop.title" values={{ topic: <em class="topic">{topic}</em>, address }} />
  )
}

function question({ locale, topic, maskedEmail }: UnsubscribePageProps): string {
  if (topic === null) return message(locale, 'stop.titlePlain', { address: maskedEmail })
  return message(locale, 'stop.title', { topic, address: maskedEmail })
}

function doneTitle({ locale, siteName, topic, scope }: UnsubscribedPageProps): string {
  if (scope === 'all') return message(locale, 'stop.doneAll.title', { site: siteName })
  return topic === null
    ? message(locale, 'stop.done.titlePlain')
    : message(locale, 'stop.done.title', { topic })
}

function actionOf(token: string): string {
  return `/u/${encodeURIComponent(token)}`
}

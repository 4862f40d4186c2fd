// The pages behind the link that asks whether a yes still stands. GET shows it, POST renews it (O9): scanners follow links.
import type { VNode } from 'preact'
import { listInWords, message } from '../../messages'
import { Address } from './confirm-page'
import { ErrorSummary, Hidden, Words } from './form-parts'
import { type PageFrame, page } from './layout'
import { type ChangedPolicy, PolicyNews } from './policy-news'
import { TopicList } from './topic-list'

export interface RenewablePurpose {
  key: string
  version: number
  title: string
  description: string
  cadence: string | null
}

export interface RenewPageProps extends PageFrame {
  token: string
  /** W3: shown masked only. */
  maskedEmail: string
  purposes: readonly RenewablePurpose[]
  policy: ChangedPolicy
  /** Some of it was said yes to under a policy that has been replaced. */
  isPolicyOld: boolean
  /** The texts changed between looking and pressing. */
  isStale?: boolean
}

/** What there is to renew, in its present words; one button for all, one for each, and one that stops it. */
export function renewPage(props: RenewPageProps): string {
  const { locale, isPolicyOld } = props
  const title = message(locale, isPolicyOld ? 'renew.policy.title' : 'renew.title')
  const errors = props.isStale ? [{ field: '', message: message(locale, 'renew.stale') }] : []
  return page({
    frame: props,
    title: errors.length > 0 ? message(locale, 'page.errorPrefix', { title }) : title,
    noindex: true,
    children: (
      <>
        <ErrorSummary locale={locale} errors={errors} />
        <h1>{title}</h1>
        <WhatItIs {...props} />
        <Yes {...props} />
        <No {...props} />
      </>
    ),
  })
}

/** After the POST. */
export function renewedPage(props: PageFrame & Pick<RenewPageProps, 'purposes'>): string {
  const { locale, purposes } = props
  const title = message(locale, 'renew.done.title')
  return page({
    frame: props,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <TopicList topics={purposes} />
        <p>{message(locale, 'renew.done.text')}</p>
      </>
    ),
  })
}

/** A link that has done its work, or came too late. */
export function renewNothingPage(frame: PageFrame): string {
  const title = message(frame.locale, 'renew.nothing.title')
  return page({
    frame,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{message(frame.locale, 'renew.nothing.text')}</p>
        <p>
          <a href="/subscribe">{message(frame.locale, 'confirm.again')}</a>
        </p>
      </>
    ),
  })
}

/** After "No, stop it". */
export function renewStoppedPage(props: PageFrame & { alreadyPassed: number }): string {
  const { locale, alreadyPassed } = props
  const title = message(locale, 'renew.stopped.title')
  return page({
    frame: props,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{message(locale, 'stop.done.text')}</p>
        {alreadyPassed > 0 && <p>{message(locale, 'stop.done.passed', { count: alreadyPassed })}</p>}
      </>
    ),
  })
}

function WhatItIs({ locale, siteName, maskedEmail, purposes, policy, isPolicyOld }: RenewPageProps): VNode {
  const values = { site: siteName, address: <Address masked={maskedEmail} /> }
  return (
    <>
      {isPolicyOld && (
        <section class="change-summary">
          <PolicyNews locale={locale} policy={policy} />
        </section>
      )}
      <p>
        <Words locale={locale} text={isPolicyOld ? 'renew.policy.text' : 'renew.text'} values={values} />
      </p>
      <dl class="renewable">
        {purposes.map(({ key, title, cadence, description }) => (
          <div key={key}>
            <dt>
              <strong>{title}</strong> {cadence && <span class="cadence">{cadence}</span>}
            </dt>
            <dd>{description}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

/** Each was said yes to by itself, so each can be renewed by itself. */
function Yes({ locale, token, purposes, policy }: RenewPageProps): VNode {
  const titles = purposes.map(one => one.title)
  const shown = Object.fromEntries(purposes.map(({ key, version }) => [`shown:${key}`, String(version)]))
  const fields = <Hidden values={{ locale, policyVersion: policy.version, ...shown }} />
  return (
    <>
      <form method="post" action={actionOf(token)} class="act">
        {fields}
        <button type="submit" class="main-button">
          {message(locale, 'renew.button', { topics: listInWords(locale, titles) })}
        </button>
      </form>
      {purposes.length > 1 && (
        <form method="post" action={actionOf(token)} class="aside">
          <p>{message(locale, 'renew.only.text')}</p>
          {fields}
          {purposes.map(({ key, title }) => (
            <button key={key} type="submit" name="only" value={key} class="second-button">
              {message(locale, 'renew.only.button', { topic: title })}
            </button>
          ))}
        </form>
      )}
    </>
  )
}

function No({ locale, token, purposes }: RenewPageProps): VNode {
  return (
    <form method="post" action={`${actionOf(token)}/stop`} class="aside">
      <p>{message(locale, 'renew.stop.text')}</p>
      <Hidden
        values={Object.fromEntries(purposes.map(({ key, version }) => [`shown:${key}`, String(version)]))}
      />
      <button type="submit" class="second-button">
        {message(locale, 'renew.stop.button')}
      </button>
    </form>
  )
}

const actionOf = (token: string): string => `/a/${encodeURIComponent(token)}`

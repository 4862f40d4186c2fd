// The reader's own centre, for who is logged in. Each choice is a form of its own, so that less never waits for a code.
import type { VNode } from 'preact'
import { message } from '../../messages'
import { AboutYou, NewAddress } from './centre-profile'
import type { CentrePageProps } from './centre-props'
import { ErrorSummary, Hidden, Words } from './form-parts'
import { page } from './layout'
import { PauseForm } from './pause-form'
import { DoneNote, StopAll } from './preferences-page'
import { TopicForm } from './topic-form'

const ACTION = '/p'

export function centrePage(props: CentrePageProps): string {
  const { locale, siteName, errors, email } = props
  const title = message(locale, 'centre.own.title', { site: siteName })
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
          <Words
            locale={locale}
            text="centre.own.in"
            values={{ address: <bdi class="address">{email}</bdi> }}
          />
        </p>
        <Newsletters {...props} />
        <PauseForm locale={locale} action={ACTION} pausedUntil={props.pausedUntil} errors={errors} />
        {props.pausedUntil && <OneButton act="resume" label={message(locale, 'centre.pause.resume')} />}
        <Purposes {...props} />
        <AboutYou {...props} />
        <NewAddress {...props} />
        <YourData locale={locale} />
        <OneButton act="logout" label={message(locale, 'centre.own.logout')} />
        <StopAll locale={locale} siteName={siteName} action={ACTION} />
      </>
    ),
  })
}

function Newsletters({ locale, topics, policyVersion }: CentrePageProps): VNode {
  const policy = <a href={`/privacy/${policyVersion}`}>{message(locale, 'page.policy')}</a>
  return (
    <section aria-labelledby="topics">
      <h2 id="topics">{message(locale, 'centre.own.topics')}</h2>
      <p class="hint">{message(locale, 'centre.own.topicsHint')}</p>
      <p class="hint">
        <Words locale={locale} text="centre.own.policy" values={{ policy, version: policyVersion }} />
      </p>
      {topics.map(topic => (
        <div key={topic.slug}>
          <TopicForm
            locale={locale}
            action={ACTION}
            topic={topic}
            onlyLess={false}
            policyVersion={policyVersion}
          />
          {topic.isOn && topic.pausedUntil && (
            <OneButton
              act="topic-resume"
              label={message(locale, 'centre.topic.resume')}
              values={{ slug: topic.slug }}
            />
          )}
        </div>
      ))}
    </section>
  )
}

function Purposes({ locale, purposes, policyVersion }: CentrePageProps): VNode | null {
  if (purposes.length === 0) return null
  return (
    <section aria-labelledby="purposes">
      <h2 id="purposes">{message(locale, 'centre.own.purposes')}</h2>
      {purposes.map(({ key, version, title, description, isOn }) => (
        <div key={key} class="card">
          <h3>{title}</h3>
          <p class="about">{description}</p>
          <p>{message(locale, isOn ? 'centre.own.yes' : 'centre.own.no')}</p>
          <OneButton
            act="purpose"
            label={message(locale, isOn ? 'centre.own.say.no' : 'centre.own.say.yes')}
            about={title}
            values={{ key, purposeVersion: String(version), policyVersion, granted: isOn ? 'no' : 'yes' }}
          />
        </div>
      ))}
    </section>
  )
}

function YourData({ locale }: { locale: string }): VNode {
  return (
    <section aria-labelledby="data">
      <h2 id="data">{message(locale, 'centre.own.data')}</h2>
      <ul class="plain-list">
        <li>
          <a href="/p/history">{message(locale, 'centre.own.history')}</a>
        </li>
        <li>
          <a href="/p/mails">{message(locale, 'centre.own.mails')}</a>
        </li>
        <li>
          <a href="/p/receipt">{message(locale, 'centre.own.receipt')}</a>
        </li>
        <li>
          <a href="/p/data">{message(locale, 'centre.own.download')}</a>
        </li>
      </ul>
    </section>
  )
}

function OneButton(props: {
  act: string
  label: string
  about?: string
  values?: Record<string, string>
}): VNode {
  return (
    <form method="post" action={ACTION} class="one-button">
      <Hidden values={{ act: props.act, ...props.values }} />
      <button type="submit" class="second-button">
        {props.label}
        {props.about && <span class="visually-hidden"> {props.about}</span>}
      </button>
    </form>
  )
}

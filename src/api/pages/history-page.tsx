// What happened, for who is logged in: every answer with its words, and every mail with the yes that allowed it.
import type { VNode } from 'preact'
import type { ConsentStatus } from '../../entities/consent'
import type { ConsentMethod, ConsentSurface } from '../../entities/consent-event'
import { type DeliveryStatus, SkipReason } from '../../entities/delivery'
import { message } from '../../messages'
import { type PageFrame, page } from './layout'

export interface Answered {
  at: Date
  status: ConsentStatus
  surface: ConsentSurface
  method: ConsentMethod
  policyVersion: string
  words: { locale: string; title: string; description: string; cadence: string | null } | null
}

export interface PurposeHistory {
  title: string
  status: ConsentStatus
  changedAt: Date | null
  /** Of a yes that stands. */
  expiresAt: Date | null
  /** The newest first. */
  events: readonly Answered[]
}

export function historyPage(props: PageFrame & { purposes: readonly PurposeHistory[] }): string {
  const { locale, purposes } = props
  const title = message(locale, 'history.title')
  return page({
    frame: props,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p>{message(locale, 'history.text')}</p>
        {purposes.length === 0 && <p class="lead">{message(locale, 'history.none')}</p>}
        {purposes.map(purpose => (
          <Purpose key={purpose.title} locale={locale} purpose={purpose} />
        ))}
        <Back locale={locale} />
      </>
    ),
  })
}

function Purpose({ locale, purpose }: { locale: string; purpose: PurposeHistory }): VNode {
  const { title, status, changedAt, expiresAt, events } = purpose
  const word = message(locale, `consent.${status}`)
  return (
    <section class="card">
      <h2>{title}</h2>
      <p>
        <strong>
          {changedAt ? message(locale, 'history.now', { status: word, date: changedAt }) : word}
        </strong>
      </p>
      {expiresAt && <p>{message(locale, 'history.until', { date: expiresAt })}</p>}
      <h3>{message(locale, 'history.events')}</h3>
      <ol class="events">
        {events.map(event => (
          <li key={`${event.at.toISOString()} ${event.status}`}>
            <p>
              {message(locale, 'history.event', {
                date: event.at,
                status: message(locale, `consent.${event.status}`),
              })}
              <span class="about"> ({howOf(locale, event)})</span>
            </p>
            <Agreed locale={locale} event={event} />
          </li>
        ))}
      </ol>
    </section>
  )
}

const howOf = (locale: string, { surface, method }: Answered): string =>
  message(locale, 'history.how', {
    surface: message(locale, `surface.${surface}`),
    method: message(locale, `method.${method}`),
  })

/** The very words, in the language they were shown in, and the policy of that moment. */
function Agreed({ locale, event }: { locale: string; event: Answered }): VNode {
  const { words, policyVersion } = event
  return (
    <>
      {words && (
        <blockquote lang={words.locale}>
          <strong>{words.title}</strong>
          <br />
          {words.description}
          {words.cadence && (
            <>
              <br />
              {words.cadence}
            </>
          )}
        </blockquote>
      )}
      <p class="about">
        <a href={`/privacy/${policyVersion}`}>
          {message(locale, 'history.policy', { version: policyVersion })}
        </a>
      </p>
    </>
  )
}

export interface MailLine {
  id: string
  at: Date
  subject: string
  topic: string
  status: DeliveryStatus
  skipReason: SkipReason | null
  /** Whether something may have arrived: then a yes must have allowed it. */
  isOut: boolean
  allowedBy: Answered | null
}

export function mailsPage(
  props: PageFrame & { mails: readonly MailLine[]; olderUrl: string | undefined },
): string {
  const { locale, mails, olderUrl } = props
  const title = message(locale, 'mails.title')
  return page({
    frame: props,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p>{message(locale, 'mails.text')}</p>
        {mails.length === 0 && <p class="lead">{message(locale, 'mails.none')}</p>}
        {mails.map(mail => (
          <Mail key={mail.id} locale={locale} mail={mail} />
        ))}
        {olderUrl && (
          <p>
            <a href={olderUrl}>{message(locale, 'mails.older')}</a>
          </p>
        )}
        <Back locale={locale} />
      </>
    ),
  })
}

function Mail({ locale, mail }: { locale: string; mail: MailLine }): VNode {
  const { at, subject, topic, isOut, allowedBy } = mail
  return (
    <section class="card">
      <h2>{subject}</h2>
      <p>{message(locale, 'history.event', { date: at, status: outcomeOf(locale, mail) })}</p>
      {isOut && (
        <details>
          <summary>{message(locale, 'mails.why')}</summary>
          {allowedBy ? (
            <>
              <p>
                {message(locale, 'mails.because', {
                  topic,
                  date: allowedBy.at,
                  surface: message(locale, `surface.${allowedBy.surface}`),
                  method: message(locale, `method.${allowedBy.method}`),
                })}
              </p>
              <p>{message(locale, 'history.words')}</p>
              <Agreed locale={locale} event={allowedBy} />
            </>
          ) : (
            <p>{message(locale, 'mails.unknown')}</p>
          )}
        </details>
      )}
    </section>
  )
}

function outcomeOf(locale: string, { status, skipReason }: MailLine): string {
  switch (status) {
    case 'unknown':
      return message(locale, 'mails.unknown.state')
    case 'skipped': {
      const reason = message(locale, `skip.${skipReason ?? SkipReason.NO_CONSENT}`)
      return message(locale, 'mails.skipped', { reason })
    }
    case 'queued':
      return message(locale, 'mails.sending')
    default:
      return message(locale, `mails.${status}`)
  }
}

const Back = ({ locale }: { locale: string }): VNode => (
  <p>
    <a href="/p">{message(locale, 'centre.back')}</a>
  </p>
)

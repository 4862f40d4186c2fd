// The pages behind the link that goes to a new address. GET shows a button, POST makes the address the reader's.
import { message } from '../../messages'
import { Address } from './confirm-page'
import { Words } from './form-parts'
import { type PageFrame, page } from './layout'
import { messagePage } from './message-page'
import { type TopicLine, TopicList } from './topic-list'

export function emailChangePage(
  props: PageFrame & { token: string; maskedEmail: string; topics: readonly TopicLine[] },
): string {
  const { locale, siteName, token, maskedEmail, topics } = props
  const title = message(locale, 'address.title')
  const values = { site: siteName, address: <Address masked={maskedEmail} /> }
  return page({
    frame: props,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p>
          <Words locale={locale} text="address.text" values={values} />
        </p>
        {topics.length > 0 && <p>{message(locale, 'address.topics')}</p>}
        <TopicList topics={topics} />
        <form method="post" action={`/e/${encodeURIComponent(token)}`} class="act">
          <button type="submit" class="main-button">
            {message(locale, 'address.button')}
          </button>
        </form>
        <p class="quiet">{message(locale, 'address.notYou')}</p>
      </>
    ),
  })
}

export function emailChangedPage(frame: PageFrame & { alreadyPassed: number }): string {
  const { locale, alreadyPassed } = frame
  const title = message(locale, 'address.done.title')
  const link = <a href="/p">{message(locale, 'address.done.link')}</a>
  return page({
    frame,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">
          <Words locale={locale} text="address.done.text" values={{ link }} />
        </p>
        {alreadyPassed > 0 && <p>{message(locale, 'centre.passed', { count: alreadyPassed })}</p>}
      </>
    ),
  })
}

/** A link that was used, replaced by a later one, or is older than its hours. */
export const emailChangeOverPage = (frame: PageFrame & { hours: number }): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'address.over.title'),
    text: message(frame.locale, 'address.over.text', { hours: frame.hours }),
  })

/** A forged or cut-off link (404). */
export const emailChangeInvalidPage = (frame: PageFrame): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'address.invalid.title'),
    text: message(frame.locale, 'address.invalid.text'),
  })

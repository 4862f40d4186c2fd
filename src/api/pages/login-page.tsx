// The page behind the log-in link. GET shows a button, POST logs in: scanners follow links, and have no use for a cookie.
import { message } from '../../messages'
import { Address } from './confirm-page'
import { Words } from './form-parts'
import { type PageFrame, page } from './layout'
import { messagePage } from './message-page'

/** One button that POSTs to the same address. */
export function loginPage(props: PageFrame & { token: string; maskedEmail: string }): string {
  const { locale, siteName, token, maskedEmail } = props
  const title = message(locale, 'login.title', { site: siteName })
  return page({
    frame: props,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p>
          <Words locale={locale} text="login.text" values={{ address: <Address masked={maskedEmail} /> }} />
        </p>
        <form method="post" action={`/l/${encodeURIComponent(token)}`} class="act">
          <button type="submit" class="main-button">
            {message(locale, 'login.button')}
          </button>
        </form>
        <p class="quiet">{message(locale, 'login.notYou')}</p>
      </>
    ),
  })
}

export function loggedInPage(frame: PageFrame & { days: number }): string {
  const { locale, days } = frame
  const title = message(locale, 'login.done.title')
  return page({
    frame,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{message(locale, 'login.done.text', { days })}</p>
        <p>
          <a href="/p">{message(locale, 'login.done.centre')}</a>
        </p>
      </>
    ),
  })
}

/** A link that was used or is older than its 30 minutes. */
export const loginOverPage = (frame: PageFrame & { minutes: number }): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'login.over.title'),
    text: message(frame.locale, 'login.over.text', { minutes: frame.minutes }),
  })

/** A forged or cut-off link (404). */
export const loginInvalidPage = (frame: PageFrame): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'login.invalid.title'),
    text: message(frame.locale, 'login.invalid.text'),
  })

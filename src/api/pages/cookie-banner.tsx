// The question about cookies as a piece of a page: first in it, no script, no style of its own, refusing as easy as accepting.
import { render } from 'preact-render-to-string'
import { directionOf, message } from '../../messages'
import type { Asked } from '../../privacy/visitor-choice'
import { Hidden } from './form-parts'
import type { PageFrame } from './layout'

export interface CookieBannerProps extends PageFrame {
  asked: readonly Asked[]
  /** Where to go after it: a path of the site. */
  back: string | undefined
  /** The origin the form goes to: the banner may stand on a page of another host. */
  site: string
}

/** The versions that a banner or form showed, as it sends them back. */
export const shownVersions = (asked: readonly Asked[]): Record<string, string> =>
  Object.fromEntries(
    asked.map(({ shown: { purpose, words } }) => [`shown:${purpose.key}`, String(words.version)]),
  )

/** HTML to be put into another page. */
export function cookieBanner({ locale, siteName, asked, back, site }: CookieBannerProps): string {
  const values = { locale, ...shownVersions(asked), ...(back ? { back } : {}) }
  return render(
    <section
      class="weinterrupt-cookies"
      aria-labelledby="weinterrupt-cookies"
      lang={locale}
      dir={directionOf(locale)}
    >
      <form method="post" action={`${site}/cookies`}>
        <h2 id="weinterrupt-cookies">{message(locale, 'cookies.banner.title', { site: siteName })}</h2>
        <ul>
          {asked.map(({ shown: { purpose, words } }) => (
            <li key={purpose.key}>
              <strong>{words.title}</strong>: {words.description}
            </li>
          ))}
        </ul>
        <Hidden values={values} />
        <button type="submit" name="act" value="refuse">
          {message(locale, 'cookies.refuse')}
        </button>
        <button type="submit" name="act" value="accept">
          {message(locale, 'cookies.accept')}
        </button>
        <a href={`${site}/cookies`}>{message(locale, 'cookies.choose')}</a>
      </form>
    </section>,
  )
}

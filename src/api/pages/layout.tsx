// The one document all reader pages share. No script, no inline style: the pages' CSP allows neither.
import type { ComponentChildren, VNode } from 'preact'
import { render } from 'preact-render-to-string'
import { directionOf, type MessageKey, message } from '../../messages'

/** What every page needs to know. */
export interface PageFrame {
  locale: string
  siteName: string
  /** Where the policy can be read; `/privacy` when left out. */
  policyUrl?: string
}

/** The same page in another language. */
export interface LanguageLink {
  locale: string
  href: string
}

interface DocumentProps {
  frame: PageFrame
  /** Goes into the browser's tab; the page's own `h1` is part of `children`. */
  title: string
  /** W3: pages reached by a token and answers to a form stay out of search engines. */
  noindex?: boolean
  languages?: readonly LanguageLink[]
  children: ComponentChildren
}

/** The complete page as text. Whatever is put into it is escaped; only `privacy-page` inserts HTML, sanitised before. */
export function page(props: DocumentProps): string {
  return `<!doctype html>\n${render(<Document {...props} />)}`
}

function Document({ frame, title, noindex, languages, children }: DocumentProps): VNode {
  return (
    <html lang={frame.locale} dir={directionOf(frame.locale)}>
      <head>
        <meta charset="utf-8" />
        <title>{`${title} – ${frame.siteName}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {noindex && <meta name="robots" content="noindex" />}
        <link rel="stylesheet" href="/assets/pages.css" />
      </head>
      <body>
        <a class="skip-link" href="#content">
          {message(frame.locale, 'page.skip')}
        </a>
        <header class="masthead">
          <p class="site-name">{frame.siteName}</p>
        </header>
        <main id="content" tabindex={-1}>
          {children}
        </main>
        <Footer frame={frame} languages={languages ?? []} />
      </body>
    </html>
  )
}

function Footer({ frame, languages }: { frame: PageFrame; languages: readonly LanguageLink[] }): VNode {
  const { locale, siteName, policyUrl } = frame
  return (
    <footer class="colophon">
      <p>
        <span class="colophon-name">{siteName}</span> <span>{message(locale, 'page.promise')}</span>
      </p>
      <p>
        <a href={policyUrl ?? '/privacy'}>{message(locale, 'page.policy')}</a>{' '}
        <a href="/cookies">{message(locale, 'page.cookies')}</a>
      </p>
      {languages.length > 1 && (
        <nav aria-label={message(locale, 'page.languages')}>
          <ul class="languages">
            {languages.map(link => (
              <li key={link.locale}>
                <LanguageName link={link} current={locale} />
              </li>
            ))}
          </ul>
        </nav>
      )}
    </footer>
  )
}

// A language is named in itself, so that those who need the link can read it.
function LanguageName({ link, current }: { link: LanguageLink; current: string }): VNode {
  const name = languageNames[link.locale]
  return (
    <a
      href={link.href}
      lang={link.locale}
      hreflang={link.locale}
      aria-current={link.locale === current ? 'true' : undefined}
    >
      {name ? message(link.locale, name) : link.locale}
    </a>
  )
}

const languageNames: Record<string, MessageKey> = { en: 'page.language.en', de: 'page.language.de' }

import { message } from '../../messages'
import { type LanguageLink, type PageFrame, page } from './layout'

export interface PrivacyPageProps extends PageFrame {
  title: string
  version: string
  effectiveAt: Date
  /** Sanitised when the version was published, links marked; inserted as it is. */
  html: string
  changeSummary?: string | null
  languages: readonly LanguageLink[]
  /** Published, and not in force yet. */
  isAnnounced?: boolean
  otherVersions?: readonly { version: string; effectiveAt: Date }[]
}

/** One version of the privacy policy, public and without a token. */
export function privacyPage(props: PrivacyPageProps): string {
  const { locale, title, version, effectiveAt, changeSummary, otherVersions = [] } = props
  const inForce = props.isAnnounced ? 'privacy.announced' : 'privacy.version'
  return page({
    frame: props,
    title,
    languages: props.languages,
    children: (
      <>
        <h1>{title}</h1>
        <p class="step">{message(locale, inForce, { version, date: effectiveAt })}</p>
        {changeSummary && (
          <section class="change-summary" aria-labelledby="changes">
            <h2 id="changes">{message(locale, 'privacy.changes')}</h2>
            <p>{changeSummary}</p>
          </section>
        )}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: the policy is written by staff and sanitised before it is stored */}
        <article class="policy" dangerouslySetInnerHTML={{ __html: props.html }} />
        <p>
          <a href="/privacy/retention">{message(locale, 'privacy.retention')}</a>
        </p>
        <p>
          <a href="/processors">{message(locale, 'privacy.processors')}</a>
        </p>
        <p>
          <a href="/links">{message(locale, 'privacy.links')}</a>
        </p>
        <p>
          <a href="/promises">{message(locale, 'privacy.promises')}</a>
        </p>
        {otherVersions.length > 0 && (
          <nav aria-labelledby="others">
            <h2 id="others">{message(locale, 'privacy.others')}</h2>
            <ul class="plain-list">
              {otherVersions.map(other => (
                <li key={other.version}>
                  <a href={`/privacy/${other.version}`}>
                    {message(locale, 'privacy.other', { version: other.version, date: other.effectiveAt })}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        )}
      </>
    ),
  })
}

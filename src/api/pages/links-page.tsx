// The directory of links to other sites, with a form for what anybody has to say about each. Works without JavaScript.
import type { VNode } from 'preact'
import { FeedbackKind } from '../../entities/link-feedback'
import { message } from '../../messages'
import { ExternalLink } from './external-link'
import { ErrorSummary, type FieldError, Hidden } from './form-parts'
import { type LanguageLink, type PageFrame, page } from './layout'
import { Radios } from './radios'

export interface ListedLink {
  id: string
  url: string
  title: string
  description: string
  category: string
  lastCheckedAt: Date | null
}

export interface LinksPageProps extends PageFrame {
  links: readonly ListedLink[]
  ownHosts: readonly string[]
  errors: readonly FieldError[]
  /** Somebody's words have just been kept. */
  isThanked: boolean
  maxComment: number
  languages: readonly LanguageLink[]
}

export function linksPage(props: LinksPageProps): string {
  const { locale, siteName, links, errors, isThanked, languages } = props
  const title = message(locale, 'links.title', { site: siteName })
  const categories = [...new Set(links.map(({ category }) => category))]
  return page({
    frame: props,
    title: errors.length > 0 ? message(locale, 'page.errorPrefix', { title }) : title,
    noindex: errors.length > 0 || isThanked,
    languages,
    children: (
      <>
        <ErrorSummary locale={locale} errors={errors} />
        <h1>{title}</h1>
        {isThanked && (
          <div class="done-note" role="status">
            <p>{message(locale, 'links.thanks')}</p>
          </div>
        )}
        <p class="lead">{message(locale, links.length > 0 ? 'links.intro' : 'links.none')}</p>
        {categories.map(category => (
          <section key={category}>
            <h2>{category}</h2>
            {links
              .filter(link => link.category === category)
              .map(link => (
                <Listed key={link.id} {...props} link={link} />
              ))}
          </section>
        ))}
      </>
    ),
  })
}

function Listed({ locale, link, ownHosts, maxComment }: LinksPageProps & { link: ListedLink }): VNode {
  const { id, url, title, description, lastCheckedAt } = link
  return (
    <article class="listed-link">
      <h3>
        <ExternalLink locale={locale} url={url} label={title} ownHosts={ownHosts} />
      </h3>
      <p>{description}</p>
      {lastCheckedAt && <p class="hint">{message(locale, 'links.checked', { at: lastCheckedAt })}</p>}
      <details>
        <summary>{message(locale, 'links.feedback', { title })}</summary>
        <form method="post" action={`/links/${id}/feedback`}>
          <Hidden values={{ locale }} />
          <Radios
            name="kind"
            legend={message(locale, 'links.kind')}
            options={Object.values(FeedbackKind).map(value => ({
              value,
              label: message(locale, `links.kind.${value}`),
            }))}
            checked={FeedbackKind.HELPFUL}
          />
          <label>
            {message(locale, 'links.comment')}
            <textarea name="comment" rows={3} maxLength={maxComment} />
          </label>
          <p class="hint">{message(locale, 'links.anonymous')}</p>
          <button type="submit" class="second-button">
            {message(locale, 'links.send')}
          </button>
        </form>
      </details>
    </article>
  )
}

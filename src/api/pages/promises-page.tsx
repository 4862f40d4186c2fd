import { message } from '../../messages'
import type { ShownPromise } from '../../privacy/promises/all'
import { type LanguageLink, type PageFrame, page } from './layout'

export interface PromisesPageProps extends PageFrame {
  at: Date
  promises: readonly ShownPromise[]
  languages: readonly LanguageLink[]
}

/** The promises one by one, public and without a token. */
export function promisesPage({ at, promises, languages, ...frame }: PromisesPageProps): string {
  const { locale, siteName } = frame
  const title = message(locale, 'promises.title', { site: siteName })
  return page({
    frame,
    title,
    languages,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{message(locale, 'promises.intro', { at })}</p>
        {promises.map(({ id, text, enforcedBy, evidence, holds }) => (
          <section class="kept" key={id} id={id}>
            <h2>{`${id}: ${text}`}</h2>
            <p>
              <strong>{`${holds ? '✓' : '✗'} ${message(locale, holds ? 'promises.holds' : 'promises.broken')}`}</strong>
            </p>
            <dl>
              <dt>{message(locale, 'promises.found')}</dt>
              <dd>{evidence}</dd>
              <dt>{message(locale, 'promises.by')}</dt>
              <dd>{enforcedBy}</dd>
            </dl>
          </section>
        ))}
      </>
    ),
  })
}

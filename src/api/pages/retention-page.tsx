import type { VNode } from 'preact'
import { message } from '../../messages'
import { type LanguageLink, type PageFrame, page } from './layout'

export interface KeptKind {
  about: 'readers' | 'staff' | 'nobody'
  what: string
  why: string
  kept: string
}

export interface RetentionPageProps extends PageFrame {
  kinds: readonly KeptKind[]
  languages: readonly LanguageLink[]
}

/** All personal data there is, and what is counted of nobody; public and without a token. */
export function retentionPage({ kinds, languages, ...frame }: RetentionPageProps): string {
  const { locale, siteName } = frame
  const title = message(locale, 'retention.title', { site: siteName })
  return page({
    frame,
    title,
    languages,
    children: (
      <>
        <h1>{title}</h1>
        <p>{message(locale, 'retention.intro')}</p>
        <h2>{message(locale, 'retention.readers')}</h2>
        <Kinds locale={locale} kinds={kinds.filter(({ about }) => about === 'readers')} />
        <h2>{message(locale, 'retention.staff')}</h2>
        <Kinds locale={locale} kinds={kinds.filter(({ about }) => about === 'staff')} />
        <h2>{message(locale, 'retention.nobody')}</h2>
        <Kinds locale={locale} kinds={kinds.filter(({ about }) => about === 'nobody')} />
      </>
    ),
  })
}

function Kinds({ locale, kinds }: { locale: string; kinds: readonly KeptKind[] }): VNode {
  return (
    <>
      {kinds.map(({ what, why, kept }) => (
        <section class="kept" key={what}>
          <h3>{what}</h3>
          <dl>
            <dt>{message(locale, 'retention.why')}</dt>
            <dd>{why}</dd>
            <dt>{message(locale, 'retention.kept')}</dt>
            <dd>{kept}</dd>
          </dl>
        </section>
      ))}
    </>
  )
}

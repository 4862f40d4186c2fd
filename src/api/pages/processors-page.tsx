import type { VNode } from 'preact'
import { ProcessorStatus } from '../../entities/processor'
import { listInWords, message } from '../../messages'
import { ExternalLink } from './external-link'
import { type LanguageLink, type PageFrame, page } from './layout'

export interface ListedProcessor {
  name: string
  legalName: string
  country: string
  role: string
  dataCategories: readonly string[]
  purposes: readonly string[]
  privacyPolicyUrl: string | null
  status: ProcessorStatus
  hasActiveAgreement: boolean
}

export interface ProcessorsPageProps extends PageFrame {
  processors: readonly ListedProcessor[]
  ownHosts: readonly string[]
  languages: readonly LanguageLink[]
}

/** Every third party there is or was, public and without a token. */
export function processorsPage({ processors, ownHosts, languages, ...frame }: ProcessorsPageProps): string {
  const { locale, siteName } = frame
  const title = message(locale, 'processors.title', { site: siteName })
  return page({
    frame,
    title,
    languages,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{message(locale, processors.length > 0 ? 'processors.intro' : 'processors.none')}</p>
        {processors.map(processor => (
          <Listed key={processor.name} locale={locale} processor={processor} ownHosts={ownHosts} />
        ))}
      </>
    ),
  })
}

interface ListedProps {
  locale: string
  processor: ListedProcessor
  ownHosts: readonly string[]
}

function Listed({ locale, processor, ownHosts }: ListedProps): VNode {
  const { name, legalName, country, role, dataCategories, purposes, privacyPolicyUrl } = processor
  return (
    <section class="kept">
      <h2>{name}</h2>
      <dl>
        <dt>{message(locale, 'processors.who')}</dt>
        <dd>{`${legalName}, ${country}`}</dd>
        <dt>{message(locale, 'processors.role')}</dt>
        <dd>{role}</dd>
        <dt>{message(locale, 'processors.data')}</dt>
        <dd>{listInWords(locale, dataCategories)}</dd>
        <dt>{message(locale, 'processors.purposes')}</dt>
        <dd>{listInWords(locale, purposes)}</dd>
        <dt>{message(locale, 'processors.agreement')}</dt>
        <dd>{state(locale, processor)}</dd>
      </dl>
      {privacyPolicyUrl && (
        <p>
          {message(locale, 'processors.policy')}:{' '}
          <ExternalLink locale={locale} url={privacyPolicyUrl} ownHosts={ownHosts} />
        </p>
      )}
    </section>
  )
}

function state(locale: string, { status, hasActiveAgreement }: ListedProcessor): string {
  if (status === ProcessorStatus.SUSPENDED || status === ProcessorStatus.ENDED)
    return message(locale, `processors.status.${status}`)
  return message(locale, hasActiveAgreement ? 'processors.stands' : 'processors.lapsed')
}

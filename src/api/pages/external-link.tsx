import type { VNode } from 'preact'
import { externalHost, externalMark } from '../../mail/mark-links'

interface ExternalLinkProps {
  locale: string
  url: string
  /** The address itself when left out. */
  label?: string
  ownHosts: readonly string[]
}

/** A link to wherever somebody of staff wrote down; one to another site says so (promise P12). */
export function ExternalLink({ locale, url, label, ownHosts }: ExternalLinkProps): VNode {
  const host = externalHost(url, ownHosts)
  if (host === undefined) return <a href={url}>{label ?? url}</a>
  return (
    <a href={url} rel="nofollow noopener noreferrer">
      {label ?? url} <span class="external">{externalMark(locale, host)}</span>
    </a>
  )
}

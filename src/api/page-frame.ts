// What the pages share: language, site name, and headers that keep tokens and people out of caches and search engines.
import type { Request, Response } from 'express'
import type { EntityManager } from 'typeorm'
import { siteLocales } from '../consent/first-start'
import type { Site } from '../entities/site'
import { pickLocale } from '../messages'
import { select } from '../transaction'
import type { Services } from './context'
import type { LanguageLink, PageFrame } from './pages/layout'

type SiteWords = Pick<Site, 'name' | 'locales'>

export interface Frame extends PageFrame {
  locales: string[]
}

/** The language: `?lang=`, the person's own, Accept-Language, the site's first. Nothing is stored. `known`: the site, already read. */
export async function frameOf(
  { db }: Services,
  request: Request,
  preferred?: string,
  known?: SiteWords,
): Promise<Frame> {
  const site = known ?? (await readSite(db.manager))
  const locales = siteLocales(site)
  const asked = typeof request.query.lang === 'string' ? request.query.lang : preferred
  return {
    locale: pickLocale(locales, request.headers['accept-language'], asked),
    siteName: site.name,
    locales,
  }
}

async function readSite(db: EntityManager): Promise<SiteWords> {
  const [site] = await select<SiteWords>(db, 'SELECT name, locales FROM site WHERE id = 1')
  if (!site) throw new Error('There is no site yet')
  return site
}

/** The same page in the site's other languages. */
export const languagesOf = ({ locales }: Frame, path: string): LanguageLink[] =>
  locales.map(locale => ({ locale, href: `${path}?lang=${locale}` }))

/** Lets the page load our own scripts; the pages' policy allows none. */
export function allowScripts(response: Response): void {
  response.set('Content-Security-Policy', `${response.get('Content-Security-Policy')};script-src 'self'`)
}

/** Sends a page that belongs to one person or one moment (standards W3). */
export function sendPage(response: Response, html: string, status = 200): void {
  response
    .status(status)
    .set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' })
    .type('html')
    .send(html)
}

import { fillHeader } from '../mail/tags'
import type { ApiContext } from './context'

/** The subject a newsletter was sent with in this language, or the site's first it had; without anybody's name. */
export async function sentSubject(
  { loaders, locales, site }: Pick<ApiContext, 'loaders' | 'locales' | 'site'>,
  newsletterId: number,
  locale: string | undefined,
): Promise<string | null> {
  const subjects = await loaders.subjects.load(newsletterId)
  const found = [locale, ...locales].map(one => subjects.find(({ locale }) => locale === one)).find(Boolean)
  const values = { site: site.name, unsubscribe_url: '', preferences_url: '' }
  return found ? fillHeader(found.subject, values) : null
}

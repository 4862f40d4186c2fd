// Who the demo's readers are. All made up; their domains can belong to nobody (RFC 2606).
import type { Chance } from './demo-random'

export interface DemoPerson {
  email: string
  name: string | null
  locale: 'en' | 'de'
  timeZone: string
}

const firstNames = {
  en: words(
    'Ada Amara Ben Callum Chidi Clara Dev Eleanor Farah Finn Grace Hana Imran Isla Jonah Kemi Leo Maeve Mei Nadia',
    'Noor Oisín Priya Rosa Sam Siân Tariq Thea Wanjiru Yusuf Zoë',
  ),
  de: words(
    'Anke Aylin Björn Cem Elif Frieda Greta Hannes Ilse Jürgen Käthe Lena Lukas Mateusz Ole Renate Sören Uwe Yvonne',
    'Zeynep',
  ),
}
const lastNames = words(
  'abbott adeyemi baker brandt carver castillo dahl diaz fischer ferris goldberg haddad holm iyer jansen kaya keller',
  'kowalski lund marsh moreau nakamura novak okafor oneill petrov quinn rossi sato silva thorne weiss',
)
const providers = words('inbox post letters mail home office')
const endings = words('example.org example.org example.org example.com example.net')
const DOMAINS_EACH = 12
const GERMAN = 0.19
const NAMED = 0.72

/** A person nobody else is: the number is part of the address. */
export function demoPerson(number: number, chance: Chance, locales: readonly string[]): DemoPerson {
  const isGerman = chance.happens(GERMAN) && locales.includes('de')
  const locale = isGerman || !locales.includes('en') ? 'de' : 'en'
  const first = chance.pick(firstNames[locale])
  const domain = `${chance.pick(providers)}${chance.whole(1, DOMAINS_EACH)}.${chance.pick(endings)}`
  return {
    email: `${plain(first)}.${chance.pick(lastNames)}${number}@${domain}`,
    name: chance.happens(NAMED) ? first : null,
    locale,
    timeZone:
      locale === 'de' ? 'Europe/Berlin' : chance.pick(['Europe/London', 'America/New_York', 'Asia/Kolkata']),
  }
}

const plain = (name: string): string =>
  name
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z]/g, '')

function words(...lines: string[]): string[] {
  return lines.join(' ').split(' ')
}

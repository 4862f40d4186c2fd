// The declarations as a person reads them: what is kept, why and for how long, each kind once.
import {
  type Kept,
  keepings,
  type PersonalColumn,
  personalColumns,
  tablesAboutReaders,
} from '../../entities/personal'
import { message } from '../../messages'
import type { Periods } from './periods'

export interface DeclaredKind {
  what: string
  why: string
  kept: Kept
  /** About readers, or about staff. */
  about: 'readers' | 'staff'
  columns: readonly PersonalColumn[]
}

/** All kinds of personal data there are, in the order of how long they are kept. */
export function declaredKinds(): DeclaredKind[] {
  const aboutReaders = new Set(tablesAboutReaders().map(({ entity }) => entity))
  const kinds = new Map<string, PersonalColumn[]>()
  for (const column of personalColumns()) {
    const key = JSON.stringify([column.what, column.why, column.kept])
    kinds.set(key, [...(kinds.get(key) ?? []), column])
  }
  return [...kinds.values()]
    .flatMap(columns => (columns[0] ? [{ first: columns[0], columns }] : []))
    .map(({ first: { what, why, kept, entity }, columns }) => {
      // Audit events name readers too, but tell what staff did. Who gives feedback may be a reader: nobody knows.
      const isReaders = kept === 'FEEDBACK' || (aboutReaders.has(entity) && kept !== 'AUDIT')
      const about = isReaders ? ('readers' as const) : ('staff' as const)
      return { what, why, kept, about, columns }
    })
    .sort((a, b) => keepings.indexOf(a.kept) - keepings.indexOf(b.kept))
}

/** What is kept about nobody, and published with the rest: no column of it is personal. */
export const figuresKept = {
  what: 'how many people were on a page on a day, saw an advertisement or pressed a link',
  why: 'to see what is read; a number alone, counted only with a yes',
  kept: 'FIGURES',
  about: 'nobody',
} as const

/** How long that is, as a sentence. */
export const keptInWords = (locale: string, kept: Kept, periods: Periods): string =>
  message(locale, `keep.${kept}`, { ...periods[kept] })

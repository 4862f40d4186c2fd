import { personalColumns } from '../entities/personal'
import { shippedLocales } from '../messages'
import { declaredInGerman } from '../messages.declared.de'
import { figuresKept } from './retention/declared'

/** English is what the declarations are written in. */
const translations: Readonly<Record<string, Readonly<Record<string, string>>>> = { de: declaredInGerman }

/** The words of a declaration in the reader's language. */
export const declaredWords = (locale: string, words: string): string => translations[locale]?.[words] ?? words

/** One sentence for each text of a declaration that a shipped locale lacks. */
export function undeclaredWords(): string[] {
  const words = new Set([...personalColumns(), figuresKept].flatMap(({ what, why }) => [what, why]))
  return shippedLocales
    .filter(locale => locale !== 'en')
    .flatMap(locale =>
      [...words]
        .filter(one => declaredWords(locale, one) === one)
        .map(one => `messages.declared.${locale}.ts has no translation of: ${one}`),
    )
}

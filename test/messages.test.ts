import { type MessageKey, message, pickLocale } from '../src/messages'
import { german } from '../src/messages.de'
import { english } from '../src/messages.en'

const locales = ['en', 'de']

describe('messages', () => {
  const placeholders = (text: string) => [...new Set(text.match(/\{\w+[,}]/g) ?? [])].sort()

  test.each(Object.keys(english) as MessageKey[])('%s exists in German with the same placeholders', key => {
    expect(placeholders(german[key])).toEqual(placeholders(english[key]))
  })

  test('every message formats in every locale', () => {
    const all = locales.flatMap(locale =>
      (Object.keys(english) as MessageKey[]).map(key => {
        const names = placeholders(english[key]).map(name => name.slice(1, -1))
        return message(locale, key, Object.fromEntries(names.map(name => [name, 2])))
      }),
    )

    expect(all.filter(text => text === '' || text.includes('{'))).toEqual([])
  })

  test('dates and plurals follow the language', () => {
    const date = new Date('2025-11-03T23:30:00Z')

    expect(message('en', 'privacy.version', { version: '3', date })).toBe(
      'Version 3, in force since 3 November 2025',
    )
    expect(message('de-AT', 'privacy.version', { version: '3', date })).toBe(
      'Fassung 3, gültig seit 3. November 2025',
    )
    expect(message('en', 'stop.done.passed', { count: 1 })).toBe('One already on its way may still arrive.')
    expect(message('en', 'stop.done.passed', { count: 3 })).toBe('3 already on their way may still arrive.')
  })

  test.each([
    ['de', undefined, 'de'],
    ['de-CH-1996,en;q=0.5', undefined, 'de'],
    ['fr, en;q=0.4, de;q=0.9', undefined, 'de'],
    ['de;q=0, en', undefined, 'en'],
    ['*', undefined, 'en'],
    [undefined, undefined, 'en'],
    ['en', 'DE', 'de'],
    ['en', '../x', 'en'],
    ['zh-Hant-x-private', undefined, 'en'],
    [',;q=;;,q=1', undefined, 'en'],
  ])('Accept-Language %s with preference %s gives %s', (header, preferred, expected) => {
    expect(pickLocale(['en', 'de'], header, preferred)).toBe(expected)
  })

  test('a huge Accept-Language header costs no time', () => {
    const started = Date.now()
    pickLocale(['en', 'de'], 'a-'.repeat(500_000), 'b-'.repeat(500_000))

    expect(Date.now() - started).toBeLessThan(100)
  })
})

import { DateTime } from 'luxon'

/** "Tue 3 Nov 2026, 09:00 CET" in the editor's language: what a person checks before pressing the button. */
export const localTime = (at: Date, timeZone: string, locale: string): string =>
  DateTime.fromJSDate(at, { zone: timeZone }).setLocale(locale).toFormat('ccc d LLL yyyy, HH:mm ZZZZ')

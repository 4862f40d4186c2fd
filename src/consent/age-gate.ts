// The age screen: a month and year, looked at in memory and dropped. Nothing about it is stored or logged (I10).

export type AgeAnswer = 'malformed' | 'under-age' | 'of-age'

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/
/** Nobody alive is older; catches typing errors such as 1094. */
const OLDEST_YEARS = 125

/** `birthMonth` is YYYY-MM. The birthday month itself still counts as under age: the day is not asked (standards K2). */
export function ageCheck(birthMonth: string, minimumAge: number, now: Date): AgeAnswer {
  const match = MONTH.exec(birthMonth)
  if (!match) return 'malformed'
  const months = (now.getUTCFullYear() - Number(match[1])) * 12 + now.getUTCMonth() + 1 - Number(match[2])
  if (months < 0 || months > OLDEST_YEARS * 12) return 'malformed'
  return months > minimumAge * 12 ? 'of-age' : 'under-age'
}

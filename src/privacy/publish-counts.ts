// What of a count may be seen by anybody, staff included (standards C7, promise P11).
//
// A cell is one metric, one place, one day. Cells overlap with no other, and each is published by itself: never below ten
// people, else rounded down to fives. Whatever is larger, a week or all places together, is the sum of what was published and
// of nothing else. So every report is worked out from published cells alone, and no two of them can be subtracted to
// learn of one that was hidden: there is nothing in them that depends on it. That is why no other cell has to be hidden too,
// and why hours cannot be asked for: a day is counted by itself, and an hour of it would be a part next to its total.

export const MINIMUM_GROUP = 10
export const ROUNDED_TO = 5
/** Of how many at least a rate may be worked out. */
const MINIMUM_BASE = 50

/** Null: hidden. */
export const published = (people: number): number | null =>
  people < MINIMUM_GROUP ? null : people - (people % ROUNDED_TO)

/** Of several cells; null when all of them are hidden. */
export function publishedSum(cells: readonly number[]): number | null {
  const shown = cells.map(published).filter(count => count !== null)
  return shown.length === 0 ? null : shown.reduce((sum, count) => sum + count, 0)
}

/** What a count may be divided by; null: too few for a rate. */
export const publishedBase = (people: number): number | null =>
  people < MINIMUM_BASE ? null : published(people)

import type { EntityManager } from 'typeorm'
import { databaseTime } from '../transaction'

/** Longer is no pause but a farewell, for which there is a button. */
const MAX_DAYS = 366

/** Whether a pause may last until then: in the future, and at most a year ahead. */
export async function isPauseDate(db: EntityManager, until: Date): Promise<boolean> {
  const days = (until.getTime() - (await databaseTime(db)).getTime()) / 86_400_000
  return days > 0 && days <= MAX_DAYS
}

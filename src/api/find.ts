import type { EntityManager, FindOptionsWhere } from 'typeorm'
import { RequestError } from './errors'

/** Whether the text has the form of our ids; MariaDB refuses anything else with an error of its own. */
export const isPublicId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)

/** The row with this public id. Throws NOT_FOUND for an unknown id and for what is no id at all, alike. */
export async function byPublicId<Row extends { publicId: string }>(
  db: EntityManager,
  entity: new () => Row,
  publicId: string,
): Promise<Row> {
  const row = isPublicId(publicId) ? await db.findOneBy(entity, { publicId } as FindOptionsWhere<Row>) : null
  if (!row) throw new RequestError('NOT_FOUND')
  return row
}

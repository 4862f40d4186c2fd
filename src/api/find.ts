import type { EntityManager, FindOptionsWhere } from 'typeorm'
import { RequestError } from './errors'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The row with this public id. Throws NOT_FOUND for an unknown id and for what is no id at all, alike. */
export async function byPublicId<Row extends { publicId: string }>(
  db: EntityManager,
  entity: new () => Row,
  publicId: string,
): Promise<Row> {
  const row = UUID.test(publicId) ? await db.findOneBy(entity, { publicId } as FindOptionsWhere<Row>) : null
  if (!row) throw new RequestError('NOT_FOUND')
  return row
}

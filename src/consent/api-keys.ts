// Keys for programs: made by an admin, good for named scopes, until a day, revocable at once. Only a hash is stored.
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { ApiKey, type ApiScope } from '../entities/api-key'
import { hashToken, randomToken } from '../secrets/opaque-token'
import { databaseTime, select, write } from '../transaction'
import { lockStaff } from './staff-password'

/** Recognisable, so that people and scanners see what has leaked. */
const PREFIX = 'wi_key_'

export const isApiKey = (token: string): boolean => token.startsWith(PREFIX)

export interface NewApiKey {
  staffId: number
  name: string
  scopes: readonly ApiScope[]
  expiresAt: Date
  /** The third party it is for; left out for a program of the site. */
  processorId?: number
}

/**
 * Makes a key in the name of an admin; it is shown this once. Undefined when they are none any more: keys of whoever is
 * disabled are revoked, so none may be made at the same moment.
 */
export async function createApiKey(
  tx: EntityManager,
  { staffId, name, scopes, expiresAt, processorId }: NewApiKey,
): Promise<{ apiKey: ApiKey; secret: string } | undefined> {
  const maker = await lockStaff(tx, staffId)
  if (maker.disabledAt || maker.role !== 'ADMIN') return undefined
  const secret = PREFIX + randomToken()
  const apiKey = tx.create(ApiKey, {
    publicId: uuidv7(),
    staffId,
    processorId: processorId ?? null,
    name,
    keyHash: hashToken(secret),
    scopes: [...new Set(scopes)],
    createdAt: await databaseTime(tx),
    expiresAt,
    lastUsedAt: null,
    revokedAt: null,
  })
  return { apiKey: await tx.save(apiKey), secret }
}

/** The key behind this token; undefined once it was revoked or ran out. Its use is noted: one write a minute. */
export async function findApiKey(db: EntityManager, token: string): Promise<ApiKey | undefined> {
  const apiKey = await db
    .createQueryBuilder(ApiKey, 'key')
    .where('key.keyHash = :keyHash', { keyHash: hashToken(token) })
    .andWhere('key.revokedAt IS NULL AND key.expiresAt > UTC_TIMESTAMP(3)')
    .getOne()
  if (!apiKey) return undefined
  await write(
    db,
    `UPDATE api_key SET last_used_at = UTC_TIMESTAMP(3)
     WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE)`,
    [apiKey.id],
  )
  return apiKey
}

/** From its commit on the key opens nothing. True for the call that revoked it. */
export async function revokeApiKey(tx: EntityManager, id: number): Promise<boolean> {
  return (
    (await write(tx, 'UPDATE api_key SET revoked_at = UTC_TIMESTAMP(3) WHERE id = ? AND revoked_at IS NULL', [
      id,
    ])) === 1
  )
}

/** Revokes every key this person made; answers the public ids of those that were good until then. */
export async function revokeKeysOf(tx: EntityManager, staffId: number): Promise<string[]> {
  const rows = await select<{ id: number; publicId: string }>(
    tx,
    'SELECT id, public_id AS publicId FROM api_key WHERE staff_id = ? AND revoked_at IS NULL ORDER BY id FOR UPDATE',
    [staffId],
  )
  for (const { id } of rows) await revokeApiKey(tx, id)
  return rows.map(({ publicId }) => publicId)
}

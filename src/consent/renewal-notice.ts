// The gate of the mail that asks to renew.
import { type EntityManager, IsNull } from 'typeorm'
import type { Notice } from '../entities/notice'
import { Reader } from '../entities/reader'
import { Suppression } from '../entities/suppression'
import { renewablePurposes } from './renew'

/** Why it is not mailed. Whoever is suppressed for whatever reason is not asked for more mail. */
export async function renewalRefusal(
  tx: EntityManager,
  { addressHash }: Notice,
): Promise<'SUPPRESSED' | 'NO_READER' | 'NOTHING_TO_ADD' | undefined> {
  if (await tx.existsBy(Suppression, { addressHash })) return 'SUPPRESSED'
  const reader = await tx.findOneBy(Reader, { addressHash, invalidAt: IsNull(), restrictedAt: IsNull() })
  if (!reader) return 'NO_READER'
  return (await renewablePurposes(tx, reader.id)).length > 0 ? undefined : 'NOTHING_TO_ADD'
}

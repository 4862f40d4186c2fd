// "No, stop it": the answer to being asked to renew that takes back what was asked about.
import { type EntityManager, In } from 'typeorm'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { Purpose } from '../entities/purpose'
import type { Keyring } from '../secrets/keyring'
import { readRenewalLink, renewablePurposes } from './renew'
import { withdraw } from './withdraw'

export type Stopped = { kind: 'stopped'; alreadyPassed: string[] } | { kind: 'gone' } | { kind: 'invalid' }

/** Withdraws the purposes that were shown, by their keys, or without any all that the link could renew. Repeating it changes nothing more. */
export async function stopAsked(
  tx: EntityManager,
  keyring: Keyring,
  token: string,
  keys: readonly string[],
): Promise<Stopped> {
  const link = await readRenewalLink(tx, keyring, token)
  if (link.kind !== 'found') return link
  const readerId = link.reader.id
  const shown = await tx.find(Purpose, { where: { key: In([...keys]) }, order: { id: 'ASC' } })
  const purposeIds = keys.length > 0 ? shown.map(one => one.id) : await renewablePurposes(tx, readerId)
  const passed: string[] = []
  for (const purposeId of purposeIds) {
    const { alreadyPassed } = await withdraw(tx, {
      readerId,
      scope: { purposeId },
      surface: ConsentSurface.PREFERENCE_PAGE,
      method: ConsentMethod.SINGLE_TOGGLE,
      newsletterId: null,
    })
    passed.push(...alreadyPassed)
  }
  return { kind: 'stopped', alreadyPassed: passed }
}

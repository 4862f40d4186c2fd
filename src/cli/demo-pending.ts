// People who asked to be signed up in the last three days and have not pressed the button yet.
import type { DataSource } from 'typeorm'
import type { Config } from '../config'
import { currentPolicy } from '../consent/policies'
import { shownPurposes } from '../consent/purposes'
import { CONFIRM_HOURS, subscribe } from '../consent/subscribe'
import { ConsentSurface } from '../entities/consent-event'
import { Registration } from '../entities/registration'
import { parseAddress } from '../mail/address'
import type { Keyring } from '../secrets/keyring'
import { transaction } from '../transaction'
import type { DemoPerson } from './demo-people'
import type { Chance } from './demo-random'

/** Writes their requests. They are no readers, belong to no audience, and their mails are not sent again. */
export async function insertPending(
  db: DataSource,
  keyring: Keyring,
  config: Config,
  people: readonly DemoPerson[],
  chance: Chance,
): Promise<void> {
  for (const person of people) {
    const address = parseAddress(person.email)
    if (!address) throw new Error('A demo person has no valid address')
    const { name, locale, timeZone, email } = person
    const policy = await currentPolicy(db.manager, locale, config.locales)
    const purposes = await shownPurposes(db.manager, locale, config.locales)
    const decisions = purposes.map(({ purpose, words }, index) => ({
      purposeId: purpose.id,
      purposeVersionId: words.id,
      granted: index === 0 || chance.happens(0.3),
    }))
    const request = {
      address,
      name,
      locale,
      timeZone,
      decisions,
      policyVersionId: policy.id,
      surface: ConsentSurface.WEB_FORM,
      agePassed: config.minimumAge,
      idempotencyKey: `demo-${email}`,
    }
    await transaction(db, async tx => {
      const subscribed = await subscribe(tx, keyring, request)
      if (subscribed.kind !== 'recorded') return
      const createdAt = new Date(Date.now() - chance.whole(60_000, (CONFIRM_HOURS - 2) * 3_600_000))
      const expiresAt = new Date(createdAt.getTime() + CONFIRM_HOURS * 3_600_000)
      await tx.update(Registration, subscribed.registration.id, { createdAt, expiresAt })
    })
  }
}

import { policyVersion, policyVersions } from '../consent/policies'
import type { PolicyVersion } from '../entities/policy-version'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { type Frame, frameOf, languagesOf } from './page-frame'
import { statusPage } from './pages/message-page'
import { privacyPage } from './pages/privacy-page'
import { versionNumber } from './policy.resolver'

/** More than anybody reads through. */
const MAX_LISTED = 50

/** The policy in force, or another version by its number. Public, nothing personal: may be cached. */
export const privacyPageDoor: DoorHandler = async (services, request, response) => {
  const frame = await frameOf(services, request)
  const { version } = request.params
  const number = version === undefined ? undefined : versionNumber(String(version))
  const policy =
    number === null
      ? undefined
      : await policyVersion(services.db.manager, number, frame.locale, frame.locales)
  if (!policy)
    return void response
      .status(404)
      .type('html')
      .send(statusPage({ ...frame, status: 404 }))
  const path = version === undefined ? '/privacy' : `/privacy/${number}`
  const { title, effectiveAt, html, changeSummary } = policy
  response
    .set({ 'Cache-Control': 'public, max-age=300', Vary: 'Accept-Language' })
    .type('html')
    .send(
      privacyPage({
        ...frame,
        title,
        version: policy.version,
        effectiveAt,
        html,
        changeSummary,
        isAnnounced: effectiveAt > new Date(),
        otherVersions: await otherVersions(services, frame, policy),
        languages: languagesOf(frame, path),
      }),
    )
}

async function otherVersions(
  { db }: Services,
  { locale, locales }: Frame,
  shown: PolicyVersion,
): Promise<PolicyVersion[]> {
  const range = { below: undefined, limit: MAX_LISTED }
  const versions = await policyVersions(db.manager, range, locale, locales)
  return versions.filter(one => one.number !== shown.number)
}

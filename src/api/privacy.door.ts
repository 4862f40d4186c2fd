import { policyVersion, policyVersions } from '../consent/policies'
import type { PolicyVersion } from '../entities/policy-version'
import { markLinks, PAGE_MARK } from '../mail/mark-links'
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
  const { title, effectiveAt, changeSummary } = policy
  // What was published stays as it was agreed to, to the letter: links are marked where it is shown.
  const marks = { ownHosts: services.config.ownHosts, locale: frame.locale }
  response
    .set({ 'Cache-Control': 'public, max-age=300', Vary: 'Accept-Language' })
    .type('html')
    .send(
      privacyPage({
        ...frame,
        title,
        version: policy.version,
        effectiveAt,
        html: markLinks(policy.html, marks, PAGE_MARK),
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

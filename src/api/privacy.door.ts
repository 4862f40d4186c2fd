import { policyVersion } from '../consent/policies'
import type { DoorHandler } from './door'
import { frameOf, languagesOf } from './page-frame'
import { statusPage } from './pages/message-page'
import { privacyPage } from './pages/privacy-page'

/** The policy in force, or an older version by its number. Public, nothing personal: may be cached. */
export const privacyPageDoor: DoorHandler = async (services, request, response) => {
  const frame = await frameOf(services, request)
  const { version } = request.params
  const number = version === undefined ? undefined : Number(version)
  const isNumber = number === undefined || Number.isSafeInteger(number)
  const policy = isNumber
    ? await policyVersion(services.db.manager, number, frame.locale, frame.locales)
    : undefined
  if (!policy)
    return void response
      .status(404)
      .type('html')
      .send(statusPage({ ...frame, status: 404 }))
  const path = version === undefined ? '/privacy' : `/privacy/${number}`
  response
    .set({ 'Cache-Control': 'public, max-age=300', Vary: 'Accept-Language' })
    .type('html')
    .send(privacyPage({ ...frame, ...policyFields(policy), languages: languagesOf(frame, path) }))
}

const policyFields = (policy: {
  title: string
  version: string
  effectiveAt: Date
  html: string
  changeSummary: string | null
}) => ({
  title: policy.title,
  version: policy.version,
  effectiveAt: policy.effectiveAt,
  html: policy.html,
  changeSummary: policy.changeSummary,
})

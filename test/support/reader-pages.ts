// Every reader page with believable props.
import { type AgePageProps, agePage } from '../../src/api/pages/age-page'
import {
  alreadyConfirmedPage,
  confirmDeniedPage,
  confirmExpiredPage,
  confirmedPage,
  confirmInvalidPage,
  confirmPage,
} from '../../src/api/pages/confirm-page'
import { loggedInPage, loginInvalidPage, loginOverPage, loginPage } from '../../src/api/pages/login-page'
import { statusPage } from '../../src/api/pages/message-page'
import { privacyPage } from '../../src/api/pages/privacy-page'
import { renewedPage, renewNothingPage, renewPage, renewStoppedPage } from '../../src/api/pages/renew-page'
import { retentionPage } from '../../src/api/pages/retention-page'
import {
  checkInboxPage,
  refusedPage,
  type SignUpPageProps,
  signUpPage,
} from '../../src/api/pages/subscribe-page'
import {
  unsubscribedPage,
  unsubscribeFailedPage,
  unsubscribeInvalidPage,
  unsubscribePage,
} from '../../src/api/pages/unsubscribe-page'

/** The site all test pages belong to. */
export const frame = (locale: string, siteName = 'We Interrupt') => ({ locale, siteName })
export const link = { token: 'tOkEn-1', maskedEmail: 'm•••@example.org' }

export function ageProps(locale: string, name = 'Weekly'): AgePageProps {
  return { ...frame(locale), topics: [{ title: name, cadence: 'Once a week' }] }
}

export function signUpProps(locale: string, name = 'Weekly'): SignUpPageProps {
  const topic = { key: 'topic:weekly', version: 3, title: name, description: name, cadence: name }
  return {
    ...frame(locale),
    agePass: '1.abc.def.ghi',
    formId: 'form-1',
    policy: { version: '3', effectiveAt: new Date('2025-10-01T00:00:00Z') },
    topics: [topic],
    otherPurposes: [{ key: 'personalisation', version: 1, title: name, description: name, cadence: null }],
  }
}

/** Every page there is, with `name` wherever staff or visitors can put words. */
export function allPages(locale: string, name = 'Weekly'): Record<string, string> {
  const site = frame(locale, name)
  const topics = [{ title: name, cadence: name }]
  const policy = { version: '3', effectiveAt: new Date(0), changeSummary: name }
  const purposes = ['topic:weekly', 'topic:monthly'].map(key => ({
    ...{ key, version: 1, title: `${name} ${key}` },
    ...{ description: name, cadence: name },
  }))
  const errors = [{ field: 'email', message: name }]
  const again = {
    ...signUpProps(locale, name),
    errors,
    values: { name, email: name, purposes: ['topic:weekly'] },
  }
  return {
    age: agePage({ ...ageProps(locale, name), siteName: name }),
    signUp: signUpPage(signUpProps(locale, name)),
    signUpAgain: signUpPage(again),
    refused: refusedPage(site),
    checkInbox: checkInboxPage(site),
    confirm: confirmPage({ ...site, ...link, topics, otherPurposes: [name] }),
    confirmNewPolicy: confirmPage({ ...site, ...link, topics, otherPurposes: [name], policy }),
    confirmed: confirmedPage({ ...site, ...link, topics }),
    already: alreadyConfirmedPage(site),
    expired: confirmExpiredPage(site),
    confirmInvalid: confirmInvalidPage(site),
    denied: confirmDeniedPage(site),
    renew: renewPage({ ...site, ...link, purposes, policy, isPolicyOld: false }),
    renewPolicy: renewPage({ ...site, ...link, purposes, policy, isPolicyOld: true, isStale: true }),
    renewed: renewedPage({ ...site, purposes }),
    renewNothing: renewNothingPage(site),
    renewStopped: renewStoppedPage({ ...site, alreadyPassed: 1 }),
    login: loginPage({ ...site, ...link }),
    loggedIn: loggedInPage({ ...site, days: 14 }),
    loginOver: loginOverPage({ ...site, minutes: 30 }),
    loginInvalid: loginInvalidPage(site),
    unsubscribe: unsubscribePage({ ...site, ...link, topic: name }),
    unsubscribed: unsubscribedPage({ ...site, ...link, topic: name, scope: 'topic', alreadyPassed: 1 }),
    unsubscribedAll: unsubscribedPage({ ...site, ...link, topic: name, scope: 'all', alreadyPassed: 0 }),
    unsubscribeInvalid: unsubscribeInvalidPage(site),
    unsubscribeFailed: unsubscribeFailedPage({ ...site, ...link, scope: 'all' }),
    retention: retentionPage({
      ...site,
      kinds: [{ about: 'readers', what: name, why: name, kept: name }],
      languages: [],
    }),
    privacy: privacyPage({
      ...site,
      title: name,
      version: '3',
      effectiveAt: new Date(0),
      html: '<p>Text</p>',
      changeSummary: name,
      otherVersions: [{ version: '2', effectiveAt: new Date(0) }],
      languages: [],
    }),
    notFound: statusPage({ ...site, status: 404 }),
  }
}

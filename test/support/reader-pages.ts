// Every reader page with believable props.
import { type AgePageProps, agePage } from '../../src/api/pages/age-page'
import { centrePage } from '../../src/api/pages/centre-page'
import type { CentrePageProps } from '../../src/api/pages/centre-props'
import { centreLoginPage, codePage } from '../../src/api/pages/code-page'
import {
  alreadyConfirmedPage,
  confirmDeniedPage,
  confirmExpiredPage,
  confirmedPage,
  confirmInvalidPage,
  confirmPage,
} from '../../src/api/pages/confirm-page'
import { cookiesPage } from '../../src/api/pages/cookies-page'
import { dataErasedPage, dataLoginPage, dataPage } from '../../src/api/pages/data-page'
import {
  emailChangedPage,
  emailChangeInvalidPage,
  emailChangeOverPage,
  emailChangePage,
} from '../../src/api/pages/email-change-page'
import { exportInvalidPage, exportOverPage, exportPage } from '../../src/api/pages/export-page'
import {
  type Answered,
  historyPage,
  type MailLine,
  mailsPage,
  type PurposeHistory,
} from '../../src/api/pages/history-page'
import { linksPage } from '../../src/api/pages/links-page'
import { loggedInPage, loginInvalidPage, loginOverPage, loginPage } from '../../src/api/pages/login-page'
import { statusPage } from '../../src/api/pages/message-page'
import { preferencesGonePage, preferencesPage } from '../../src/api/pages/preferences-page'
import { privacyPage } from '../../src/api/pages/privacy-page'
import { processorsPage } from '../../src/api/pages/processors-page'
import { promisesPage } from '../../src/api/pages/promises-page'
import { renewedPage, renewNothingPage, renewPage, renewStoppedPage } from '../../src/api/pages/renew-page'
import { retentionPage } from '../../src/api/pages/retention-page'
import { statisticsPage } from '../../src/api/pages/statistics-page'
import {
  checkInboxPage,
  refusedPage,
  type SignUpPageProps,
  signUpPage,
} from '../../src/api/pages/subscribe-page'
import type { TopicSetting } from '../../src/api/pages/topic-form'
import {
  unsubscribedPage,
  unsubscribeFailedPage,
  unsubscribeInvalidPage,
  unsubscribePage,
} from '../../src/api/pages/unsubscribe-page'
import { ConsentStatus, Frequency } from '../../src/entities/consent'
import { ConsentMethod, ConsentSurface } from '../../src/entities/consent-event'
import { DeliveryStatus } from '../../src/entities/delivery'
import { ProcessorStatus } from '../../src/entities/processor'
import { Purpose, PurposeKind } from '../../src/entities/purpose'
import { PurposeVersion } from '../../src/entities/purpose-version'
import { StatMetric } from '../../src/entities/stat-cell'
import type { Asked } from '../../src/privacy/visitor-choice'

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

const topicSetting = (name: string): TopicSetting => ({
  slug: 'weekly',
  title: name,
  description: name,
  cadence: name,
  purposeVersion: 1,
  isOn: true,
  isLapsed: false,
  frequency: Frequency.AT_MOST_WEEKLY,
  pausedUntil: new Date(0),
})

const centreProps = (locale: string, name: string): CentrePageProps => ({
  ...frame(locale, name),
  email: name,
  name,
  language: locale,
  locales: ['en', 'de'],
  timeZone: name,
  pausedUntil: new Date(0),
  topics: [topicSetting(name)],
  purposes: [{ key: 'personalisation', version: 1, title: name, description: name, isOn: true }],
  policyVersion: '1',
  errors: [],
})

const answered = (name: string): Answered => ({
  at: new Date(0),
  status: ConsentStatus.GRANTED,
  surface: ConsentSurface.CONFIRM_PAGE,
  method: ConsentMethod.CONFIRM_LINK,
  policyVersion: '1',
  words: { locale: 'en', title: name, description: name, cadence: name },
})

const purposeHistory = (name: string): PurposeHistory => ({
  title: name,
  status: ConsentStatus.GRANTED,
  changedAt: new Date(0),
  expiresAt: new Date(0),
  events: [answered(name)],
})

const mailLine = (name: string): MailLine => ({
  id: '1',
  at: new Date(0),
  subject: name,
  topic: name,
  status: DeliveryStatus.SENT,
  skipReason: null,
  isOut: true,
  allowedBy: answered(name),
})

const asked = (name: string, status: ConsentStatus): Asked => ({
  shown: {
    purpose: Object.assign(new Purpose(), { key: 'visits', kind: PurposeKind.ANALYTICS_COOKIES }),
    words: Object.assign(new PurposeVersion(), { version: 1, title: name, description: name }),
  },
  status,
})

const cookieProps = (locale: string, name: string) => ({
  ...frame(locale, name),
  asked: [asked(name, ConsentStatus.GRANTED)],
  choice: { day: '2026-11-30', decisions: [] },
  isSecure: true,
  errors: [{ field: '', message: name }],
  languages: [],
})

const ownData = (locale: string, name: string) => ({
  ...frame(locale, name),
  maskedEmail: link.maskedEmail,
  minutes: 30,
  restrictedAt: null,
})

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
    data: dataPage({ ...ownData(locale, name), isProved: false, outcome: { kind: 'code-sent' } }),
    dataProved: dataPage({ ...ownData(locale, name), isProved: true, outcome: { kind: 'proved' } }),
    dataRestricted: dataPage({
      ...ownData(locale, name),
      isProved: false,
      restrictedAt: new Date(0),
      outcome: { kind: 'restricted', at: new Date(0), alreadyPassed: 2 },
    }),
    dataWrong: dataPage({
      ...ownData(locale, name),
      isProved: false,
      outcome: { kind: 'refused', why: 'code.wrong' },
    }),
    dataLogin: dataLoginPage(site),
    dataErased: dataErasedPage({ ...site, alreadyPassed: 1 }),
    export: exportPage({ ...site, ticket: link.token, isWrong: false }),
    exportWrong: exportPage({ ...site, ticket: link.token, isWrong: true }),
    exportOver: exportOverPage({ ...site, hours: 24 }),
    exportInvalid: exportInvalidPage(site),
    unsubscribe: unsubscribePage({ ...site, ...link, topic: name, preferencesToken: 'tOkEn-2' }),
    unsubscribed: unsubscribedPage({ ...site, ...link, topic: name, scope: 'topic', alreadyPassed: 1 }),
    unsubscribedAll: unsubscribedPage({ ...site, ...link, topic: name, scope: 'all', alreadyPassed: 0 }),
    unsubscribeInvalid: unsubscribeInvalidPage(site),
    unsubscribeFailed: unsubscribeFailedPage({ ...site, ...link, scope: 'all' }),
    preferences: preferencesPage({
      ...site,
      ...link,
      topics: [topicSetting(name), { ...topicSetting(name), slug: 'off', isOn: false }],
      pausedUntil: new Date(0),
      done: { text: name, alreadyPassed: 1 },
    }),
    preferencesGone: preferencesGonePage(site),
    centre: centrePage(centreProps(locale, name)),
    centreAgain: centrePage({
      ...centreProps(locale, name),
      errors: ['name', 'newEmail', 'until', ''].map(field => ({ field, message: name })),
    }),
    centreLogin: centreLoginPage({ ...site, errors, email: name }),
    code: codePage({
      ...site,
      action: '/p',
      hidden: { email: name },
      maskedEmail: name,
      minutes: 30,
      errors: [],
    }),
    history: historyPage({ ...site, purposes: [purposeHistory(name)] }),
    mails: mailsPage({ ...site, mails: [mailLine(name)], olderUrl: '/p/mails?before=1' }),
    emailChange: emailChangePage({ ...site, ...link, topics }),
    emailChanged: emailChangedPage({ ...site, alreadyPassed: 1 }),
    emailChangeOver: emailChangeOverPage({ ...site, hours: 24 }),
    emailChangeInvalid: emailChangeInvalidPage(site),
    cookies: cookiesPage({ ...cookieProps(locale, name), isSignalled: false }),
    cookiesSignalled: cookiesPage({ ...cookieProps(locale, name), isSignalled: true }),
    statistics: statisticsPage({
      ...site,
      series: [
        {
          metric: StatMetric.VISIT,
          points: [
            { at: '2026-11-23', count: 15 },
            { at: '2026-11-16', count: null },
          ],
        },
      ],
      languages: [],
    }),
    promises: promisesPage({
      ...site,
      at: new Date(0),
      promises: [
        { id: 'P1', text: name, enforcedBy: name, evidence: name, holds: true },
        { id: 'P2', text: name, enforcedBy: name, evidence: name, holds: false },
      ],
      languages: [],
    }),
    processors: processorsPage({
      ...site,
      ownHosts: [],
      processors: [
        {
          ...{ name, legalName: name, role: name, country: 'DE', dataCategories: [name] },
          ...{ purposes: [name], privacyPolicyUrl: 'https://helper.example/privacy' },
          ...{ status: ProcessorStatus.ACTIVE, hasActiveAgreement: true },
        },
      ],
      languages: [],
    }),
    links: linksPage({
      ...site,
      links: [
        {
          ...{ id: 'link-1', title: name, description: name, category: name, lastCheckedAt: new Date(0) },
          url: 'https://elsewhere.example/',
        },
      ],
      ownHosts: [],
      errors: [{ field: '', message: name }],
      isThanked: true,
      maxComment: 500,
      languages: [],
    }),
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

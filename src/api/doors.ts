// Every HTTP door with its methods and access rule, in one list. What is not in it does not exist.

import { beacon } from './beacon.door'
import { signalStatement } from './browser-signal'
import { centreForm, centreSubmit } from './centre.door'
import { challengeScripts } from './challenge-script.door'
import { click } from './click.door'
import { confirmDoor, denyDoor } from './confirm.door'
import { bannerFragment, cookiesForm, cookiesSubmit } from './cookies.door'
import { dataForm, dataSubmit } from './data.door'
import type { Door } from './door'
import { emailChangeForm, emailChangeSubmit } from './email-change.door'
import { exportForm, exportSubmit } from './export.door'
import { alive, ready } from './health.door'
import { historyDoor, mailsDoor } from './history.door'
import { importUpload } from './import.door'
import { lawfulExtract } from './lawful-extract.door'
import { ledgerKey } from './ledger-key.door'
import { linksFeedback, linksPageDoor } from './links.door'
import { loginForm, loginSubmit } from './login.door'
import { preferencesForm, preferencesSubmit } from './preferences.door'
import { privacyPageDoor } from './privacy.door'
import { processorsPageDoor } from './processors.door'
import { promisesPageDoor } from './promises.door'
import { receiptDoor } from './receipt.door'
import { renewForm, renewStop, renewSubmit } from './renew.door'
import { retentionPageDoor } from './retention.door'
import { staffPasswordForm, staffPasswordSubmit } from './staff-password.door'
import { statisticsPageDoor } from './statistics.door'
import { stylesheet } from './stylesheet.door'
import { subscribeForm, subscribeSubmit } from './subscribe.door'
import { unsubscribeForm, unsubscribeSubmit } from './unsubscribe.door'

export const doors: readonly Door[] = [
  {
    path: '/',
    access: 'ANYONE',
    GET: (_services, _request, response) => response.redirect(303, '/subscribe'),
  },
  { path: '/subscribe', access: 'ANYONE', GET: subscribeForm, POST: subscribeSubmit },
  { path: '/c/:token', access: 'TOKEN', GET: confirmDoor.form, POST: confirmDoor.submit },
  { path: '/c/:token/deny', access: 'TOKEN', isWithdrawal: true, POST: denyDoor },
  {
    path: '/u/:token',
    access: 'TOKEN',
    isWithdrawal: true,
    GET: unsubscribeForm,
    POST: unsubscribeSubmit,
  },
  { path: '/a/:token', access: 'TOKEN', GET: renewForm, POST: renewSubmit },
  { path: '/a/:token/stop', access: 'TOKEN', isWithdrawal: true, POST: renewStop },
  { path: '/s/:token', access: 'TOKEN', GET: staffPasswordForm, POST: staffPasswordSubmit },
  { path: '/l/:token', access: 'TOKEN', GET: loginForm, POST: loginSubmit },
  { path: '/p/data', access: 'ANYONE', GET: dataForm, POST: dataSubmit },
  { path: '/export/:ticket', access: 'TOKEN', GET: exportForm, POST: exportSubmit },
  { path: '/e/:token', access: 'TOKEN', GET: emailChangeForm, POST: emailChangeSubmit },
  { path: '/p', access: 'ANYONE', GET: centreForm, POST: centreSubmit },
  { path: '/p/history', access: 'ANYONE', GET: historyDoor },
  { path: '/p/mails', access: 'ANYONE', GET: mailsDoor },
  { path: '/p/receipt', access: 'ANYONE', GET: receiptDoor },
  // After the doors with a name of their own.
  {
    path: '/p/:token',
    access: 'TOKEN',
    isWithdrawal: true,
    GET: preferencesForm,
    POST: preferencesSubmit,
  },
  { path: '/imports/:ticket', access: 'TOKEN', isUpload: true, PUT: importUpload },
  // It asks for an admin's log-in besides.
  { path: '/lawful-disclosures/:ticket', access: 'TOKEN', POST: lawfulExtract },
  { path: '/privacy', access: 'ANYONE', GET: privacyPageDoor },
  { path: '/privacy/retention', access: 'ANYONE', GET: retentionPageDoor },
  { path: '/privacy/:version', access: 'ANYONE', GET: privacyPageDoor },
  { path: '/r/:link', access: 'ANYONE', GET: click },
  { path: '/b', access: 'ANYONE', POST: beacon },
  { path: '/statistics', access: 'ANYONE', GET: statisticsPageDoor },
  { path: '/promises', access: 'ANYONE', GET: promisesPageDoor },
  { path: '/processors', access: 'ANYONE', GET: processorsPageDoor },
  { path: '/links', access: 'ANYONE', GET: linksPageDoor },
  { path: '/links/:id/feedback', access: 'ANYONE', POST: linksFeedback },
  { path: '/cookies', access: 'ANYONE', GET: cookiesForm, POST: cookiesSubmit },
  { path: '/cookies/banner', access: 'ANYONE', GET: bannerFragment },
  { path: '/.well-known/gpc.json', access: 'ANYONE', GET: signalStatement },
  { path: '/.well-known/weinterrupt-ledger.json', access: 'ANYONE', GET: ledgerKey },
  { path: '/assets/pages.css', access: 'ANYONE', GET: stylesheet },
  ...challengeScripts,
  // Browsers ask for it on their own; there is none.
  {
    path: '/favicon.ico',
    access: 'ANYONE',
    GET: (_services, _request, response) => void response.status(204).end(),
  },
  { path: '/healthz', access: 'ANYONE', GET: alive },
  { path: '/readyz', access: 'ANYONE', GET: ready },
]

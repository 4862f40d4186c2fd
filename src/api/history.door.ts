// /p/history and /p/mails: what happened, for who is logged in. They change nothing.
import { allowingYes, isOut } from '../consent/allowing-yes'
import { deliveriesOf, type ReadersDelivery } from '../deliveries/deliveries-of'
import { deliveryId } from '../deliveries/delivery-id'
import { type Consent, ConsentStatus } from '../entities/consent'
import { ConsentEvent } from '../entities/consent-event'
import { agreedWords } from './agreed-words'
import { statusOf } from './consent-status'
import { type OwnContext, ownPage } from './own-page'
import { sendPage } from './page-frame'
import {
  type Answered,
  historyPage,
  type MailLine,
  mailsPage,
  type PurposeHistory,
} from './pages/history-page'
import { purposeView } from './purpose.types'
import { consentView } from './reader.resolver'
import { sentSubject } from './sent-subject'

/** More answers than anybody gives. */
const MAX_EVENTS = 500
const MAILS = 30

export const historyDoor = ownPage(async (context, frame, _request, response) => {
  const { db, loaders, reader } = context
  const events = await db.manager.find(ConsentEvent, {
    where: { principal: reader.publicId },
    order: { position: 'DESC' },
    take: MAX_EVENTS,
  })
  const consents = await loaders.consents.load(reader.id)
  const purposes = await Promise.all(consents.map(consent => historyOf(context, consent, events)))
  sendPage(response, historyPage({ ...frame, purposes }))
})

async function historyOf(
  context: OwnContext,
  consent: Consent,
  events: readonly ConsentEvent[],
): Promise<PurposeHistory> {
  const { purpose, status, changedAt, expiresAt } = await consentView(consent, context)
  const ofPurpose = events.filter(event => event.purposeId === consent.purposeId)
  return {
    title: purpose.title,
    status,
    changedAt,
    expiresAt: status === ConsentStatus.GRANTED ? expiresAt : null,
    events: await Promise.all(ofPurpose.map(event => answered(context, event))),
  }
}

async function answered({ loaders }: OwnContext, event: ConsentEvent): Promise<Answered> {
  return {
    at: event.at,
    status: statusOf[event.toState],
    surface: event.surface,
    method: event.method,
    policyVersion: (await loaders.policy.load(event.policyVersionId))?.version ?? '',
    words: await agreedWords(loaders, event.purposeVersionId),
  }
}

export const mailsDoor = ownPage(async (context, frame, request, response) => {
  const asked = Number(request.query.before)
  const before = Number.isSafeInteger(asked) && asked > 0 ? asked : undefined
  const rows = await deliveriesOf(context.db.manager, context.reader.id, { limit: MAILS + 1, before })
  const shown = rows.slice(0, MAILS)
  const mails = await Promise.all(shown.map(row => lineOf(context, row)))
  const last = shown.at(-1)?.newsletterId
  const olderUrl = rows.length > MAILS ? `/p/mails?before=${last}` : undefined
  sendPage(response, mailsPage({ ...frame, mails, olderUrl }))
})

async function lineOf(context: OwnContext, row: ReadersDelivery): Promise<MailLine> {
  const { loaders, reader, locale } = context
  const newsletter = await loaders.newsletter.load(row.newsletterId)
  const topic = newsletter && (await loaders.topic.load(newsletter.topicId))
  if (!newsletter || !topic) throw new Error('A delivery without its newsletter')
  const { title } = await purposeView(loaders, topic.purposeId, locale)
  const yes = allowingYes(await loaders.yeses.load(reader.publicId), topic.purposeId, row)
  return {
    id: deliveryId(newsletter.reference, reader.reference),
    at: row.at,
    subject: (await sentSubject(context, row.newsletterId, reader.locale)) ?? title,
    topic: title,
    status: row.status,
    skipReason: row.skipReason,
    isOut: isOut(row.status),
    allowedBy: yes ? await answered(context, yes) : null,
  }
}

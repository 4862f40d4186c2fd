// The mails about a request for one's own data, composed anew for every attempt.
import type { EntityManager } from 'typeorm'
import { openReader } from '../consent/readers'
import { DataRequest, DataRequestKind } from '../entities/data-request'
import { JobStatus } from '../entities/job-status'
import type { Notice } from '../entities/notice'
import { Reader } from '../entities/reader'
import { DOWNLOAD_HOURS, downloadCode, downloadTicket } from '../secrets/download-ticket'
import type { Keyring } from '../secrets/keyring'
import type { NoticeFacts, NoticeMail } from './compose'
import { erasureMail, exportMail } from './data-mail'

/** Undefined when the request or the address is gone. The receipt of an erasure is the last use of the address. */
export async function composeDataMail(
  db: EntityManager,
  keyring: Keyring,
  notice: Notice,
  facts: NoticeFacts,
): Promise<NoticeMail | undefined> {
  const request = await db.findOneBy(DataRequest, { noticeId: notice.id })
  const reader = request && (await db.findOneBy(Reader, { id: request.readerId ?? 0 }))
  const person = reader && openReader(keyring, reader)
  if (!request || !person) return undefined
  const { siteName, postalAddress, contact } = facts
  const sheet = { locale: notice.locale, siteName, postalAddress, contact }
  if (request.kind === DataRequestKind.ERASURE) return { to: person.email, ...erasureMail(sheet) }
  const code = downloadCode(keyring, request)
  if (!code || request.status !== JobStatus.READY) return undefined
  const url = new URL(`/export/${downloadTicket(keyring, request)}`, facts.publicUrl).href
  return { to: person.email, ...exportMail({ ...sheet, code, url, hours: DOWNLOAD_HOURS }) }
}

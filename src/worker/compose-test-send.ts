// A test send: the newsletter as it would arrive, to one confirmed address of staff. Its links change nothing.
import { openStaff } from '../consent/staff'
import { Newsletter } from '../entities/newsletter'
import type { Notice } from '../entities/notice'
import { StaffUser } from '../entities/staff-user'
import { encodeBody } from '../mail/body'
import { composeNewsletterMessage, type Message, prepareNewsletter } from '../mail/message'
import { message } from '../messages'
import { contentHash } from '../newsletters/content-hash'
import { renderContent, topicWords } from '../newsletters/preview'
import { contentsOf } from '../newsletters/write'
import type { WorkerContext } from './context'
import { noticeToken } from './notice-token'

/** Undefined when the newsletter, its content or the recipient is gone, or the MJML no longer compiles. */
export async function composeTestSend(context: WorkerContext, notice: Notice): Promise<Message | undefined> {
  const { db, keyring, config, signer } = context
  const newsletter = await db.manager.findOneBy(Newsletter, { id: notice.newsletterId ?? 0 })
  const staff = await db.manager.findOneBy(StaffUser, { id: notice.staffId ?? 0 })
  const contents = newsletter ? await contentsOf(db.manager, newsletter.id) : []
  const content = contents.find(one => one.locale === notice.locale) ?? contents[0]
  if (!newsletter || !staff?.confirmedAt || staff.disabledAt || !content) return undefined
  const { topic, words } = await topicWords(db.manager, newsletter.topicId, content.locale, config.locales)
  const rendered = await renderContent(config, words.title, content)
  if (rendered.issues.length > 0) return undefined
  const person = openStaff(keyring, staff)
  notice.contentHash = contentHash(newsletter, contents)
  const prepared = prepareNewsletter({
    siteName: config.siteName,
    mailFrom: config.mailFromNotices,
    bounceDomain: config.bounceDomain,
    subject: message(content.locale, 'mail.test.subject', { subject: rendered.subject }),
    body: encodeBody(rendered),
    values: { site: config.siteName, topic: words.title },
    unsubscribePrefix: new URL('/u/', config.publicUrl).href,
    preferencesPrefix: new URL('/p/', config.publicUrl).href,
    topic: { slug: topic.slug, title: words.title },
    newsletter: newsletter.publicId,
    senderId: 'testsend',
  })
  const reader = {
    to: person.email,
    token: noticeToken(notice),
    date: new Date(),
    name: person.name,
    // Pages that say what the links would do; there is no delivery behind them to change.
    unsubscribeToken: 'test',
    preferencesToken: 'test',
  }
  return composeNewsletterMessage(prepared, reader, signer)
}

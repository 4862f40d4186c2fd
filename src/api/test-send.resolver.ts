import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql'
import { In } from 'typeorm'
import { openStaff } from '../consent/staff'
import { DeliveryStatus } from '../entities/delivery'
import { Newsletter } from '../entities/newsletter'
import type { Notice, NoticeState } from '../entities/notice'
import { StaffUser } from '../entities/staff-user'
import { parseAddress } from '../mail/address'
import { renderAll } from '../newsletters/check'
import { contentsOf } from '../newsletters/write'
import { queueNotice } from '../notices/queue-notice'
import { addressHash } from '../secrets/address-hash'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { TestSendInput } from './newsletter.inputs'
import { NewsletterPayload, NewsletterView, TestSend } from './newsletter.types'
import { allowedActions, NewsletterAction } from './newsletter-actions'
import { done, inputError, invalidState, refusedWith } from './newsletter-answers'
import { ErrorCode, InputError, type UserError } from './user-errors'

const MAX_RECIPIENTS = 5

@Resolver(() => NewsletterView)
export class TestSendResolver {
  @Mutation(() => NewsletterPayload, { description: 'To confirmed addresses of staff only.' })
  @Access('AUTHOR')
  async newsletterSendTest(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('input', () => TestSendInput) input: TestSendInput,
  ): Promise<NewsletterPayload> {
    const { db, enqueue } = context
    const newsletter = await byPublicId(db.manager, Newsletter, id)
    if (!allowedActions(newsletter.status, context.staff?.role).includes(NewsletterAction.TEST))
      return invalidState(context, newsletter)
    const errors = await contentErrors(context, newsletter, input)
    const recipients = await staffWith(context, input.to)
    if (input.to.length === 0 || input.to.length > MAX_RECIPIENTS)
      errors.push(inputError(context, ErrorCode.INVALID, 'input', 'to'))
    for (const [index, staff] of recipients.entries())
      if (!staff) errors.push(inputError(context, ErrorCode.NOT_ELIGIBLE, 'input', 'to', String(index)))
    if (errors.length > 0) return refusedWith(newsletter, ...errors)
    const staff = recipients.filter(one => one !== undefined)
    const notices = await audited(
      context,
      tx => Promise.all(staff.map(one => queueNotice(tx, testNotice(context, newsletter, one, input)))),
      () => ({ action: 'newsletter.test', target: id }),
    )
    for (const noticeId of notices) await enqueue.notice(noticeId)
    return done(newsletter)
  }

  @FieldResolver(() => [TestSend], { description: 'The latest test sends.' })
  @Access('AUTHOR')
  async tests(@Root() newsletter: Newsletter, @Ctx() context: ApiContext): Promise<TestSend[]> {
    const notices = await context.loaders.tests.load(newsletter.id)
    return Promise.all(notices.map(notice => testSend(context, notice)))
  }
}

const testNotice = (
  { locale }: ApiContext,
  newsletter: Newsletter,
  staff: StaffUser,
  input: TestSendInput,
) => ({
  kind: 'newsletter-test' as const,
  addressHash: staff.addressHash,
  locale: input.locale ?? locale,
  staffId: staff.id,
  newsletterId: newsletter.id,
})

/** Each address's staff member, or undefined where it is not one's confirmed address. */
async function staffWith(
  { db, keyring }: ApiContext,
  to: readonly string[],
): Promise<(StaffUser | undefined)[]> {
  const hashes = to.slice(0, MAX_RECIPIENTS).map(text => {
    const address = parseAddress(text)
    return address ? addressHash(keyring, address.canonical) : undefined
  })
  const known = hashes.filter(hash => hash !== undefined)
  const staff = known.length > 0 ? await db.manager.findBy(StaffUser, { addressHash: In(known) }) : []
  const usable = staff.filter(one => one.confirmedAt && !one.disabledAt)
  return hashes.map(hash => hash && usable.find(one => one.addressHash.equals(hash)))
}

async function contentErrors(
  context: ApiContext,
  newsletter: Newsletter,
  input: TestSendInput,
): Promise<UserError[]> {
  const contents = await contentsOf(context.db.manager, newsletter.id)
  const content = contents.find(one => one.locale === (input.locale ?? context.locale)) ?? contents[0]
  if (!content) return [inputError(context, ErrorCode.REQUIRED, 'contents')]
  const [rendered] = await renderAll(context.db.manager, newsletter.topicId, [content], context.config)
  const issues = rendered?.rendered.issues ?? []
  if (issues.length === 0) return []
  const detail = issues
    .map(issue => (issue.line ? `line ${issue.line}: ${issue.message}` : issue.message))
    .join('\n')
  return [
    new InputError(context.locale, ErrorCode.MJML_INVALID, ['contents', content.locale, 'mjml'], detail),
  ]
}

const statusOf: Record<NoticeState, DeliveryStatus> = {
  queued: DeliveryStatus.QUEUED,
  sending: DeliveryStatus.SENDING,
  sent: DeliveryStatus.SENT,
  failed: DeliveryStatus.FAILED,
  unknown: DeliveryStatus.UNKNOWN,
  cancelled: DeliveryStatus.CANCELLED,
}

async function testSend({ keyring, loaders }: ApiContext, notice: Notice): Promise<TestSend> {
  const staff = await loaders.staff.load(notice.staffId ?? 0)
  return {
    to: staff ? openStaff(keyring, staff).email : '',
    at: notice.at,
    contentHash: notice.contentHash?.toString('hex') ?? '',
    status: statusOf[notice.state],
  }
}

import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { startSite, stopSite } from '../consent/site-switch'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { AcceptedPayload, accepted, refused } from './payloads'
import { ErrorCode, InputError } from './user-errors'

const MAX_REASON = 500

@Resolver()
export class SiteSwitchResolver {
  @Mutation(() => AcceptedPayload, {
    description: 'The red button: after the answer no gate of any newsletter passes.',
  })
  @Access('ADMIN')
  async siteStop(
    @Ctx() context: ApiContext,
    @Arg('reason', () => String) reason: string,
  ): Promise<AcceptedPayload> {
    if (!reason.trim()) return reasonRequired(context)
    const stopped = await audited(
      context,
      tx => stopSite(tx, reason.slice(0, MAX_REASON)),
      () => ({ action: 'site.stop', target: null, reason }),
    )
    context.log.warn({ staff: context.staff?.publicId, reason }, 'site stopped')
    return accepted(stopped.alreadyPassed)
  }

  @Mutation(() => AcceptedPayload)
  @Access('ADMIN')
  async siteStart(
    @Ctx() context: ApiContext,
    @Arg('reason', () => String) reason: string,
  ): Promise<AcceptedPayload> {
    if (!reason.trim()) return reasonRequired(context)
    const open = await audited(
      context,
      tx => startSite(tx),
      () => ({ action: 'site.start', target: null, reason }),
    )
    context.log.warn({ staff: context.staff?.publicId, reason }, 'site started')
    for (const newsletterId of open) await context.enqueue.deliver(newsletterId)
    return accepted()
  }
}

const reasonRequired = ({ locale }: ApiContext): AcceptedPayload =>
  refused(new InputError(locale, ErrorCode.REQUIRED, ['reason']))

import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { switchClickCounting } from '../consent/click-counting'
import { Purpose, PurposeKind } from '../entities/purpose'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { AcceptedPayload, accepted, refused } from './payloads'
import { ErrorCode, InputError } from './user-errors'

@Resolver()
export class ClickCountingResolver {
  @Mutation(() => AcceptedPayload, {
    description:
      'Whether presses on links of newsletters are counted, anonymously, for readers with a yes to a CLICK_COUNTING purpose. Off at first. INVALID_STATE where there is no such purpose.',
  })
  @Access('ADMIN')
  async clickCountingSwitch(
    @Ctx() context: ApiContext,
    @Arg('on', () => Boolean) on: boolean,
  ): Promise<AcceptedPayload> {
    const isAsked = await context.db.manager.existsBy(Purpose, { kind: PurposeKind.CLICK_COUNTING })
    if (on && !isAsked) return refused(new InputError(context.locale, ErrorCode.INVALID_STATE, ['on']))
    await audited(
      context,
      tx => switchClickCounting(tx, on),
      () => ({ action: 'site.count-clicks', target: null, reason: on ? 'on' : 'off' }),
    )
    return accepted()
  }
}

import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { restrict, unrestrict } from '../consent/restrict'
import { withdraw } from '../consent/withdraw'
import { ConsentMethod, ConsentSurface } from '../entities/consent-event'
import { Reader } from '../entities/reader'
import { transaction } from '../transaction'
import { Access } from './access'
import type { ApiContext } from './context'
import { needsFreshProof } from './fresh-proof'
import { ReaderPayload } from './payloads'
import type { UserError } from './user-errors'

/** A reader restricts the use of their data or objects to it (Art. 18 and 21 GDPR). Only lifting needs a fresh proof. */
@Resolver(() => Reader)
export class RestrictionResolver {
  @Mutation(() => ReaderPayload, {
    description: 'The data stays, no newsletter is sent, until it is lifted.',
  })
  @Access('READER')
  async readerRestrict(@Ctx() context: ApiContext): Promise<ReaderPayload> {
    const done = await transaction(context.db, tx => restrict(tx, idOf(context)))
    return answer(context, done?.alreadyPassed ?? [])
  }

  @Mutation(() => ReaderPayload, {
    description: 'More mail: needs a fresh proof. Without one FRESH_PROOF_REQUIRED, and a code is mailed.',
  })
  @Access('READER')
  async readerUnrestrict(
    @Ctx() context: ApiContext,
    @Arg('code', () => String, { nullable: true }) code?: string | null,
  ): Promise<ReaderPayload> {
    const error = await needsFreshProof(context, code, ['code'])
    if (error) return answer(context, [], error)
    await transaction(context.db, tx => unrestrict(tx, idOf(context)))
    return answer(context, [])
  }

  @Mutation(() => ReaderPayload, {
    description: 'Objects to all of it: every yes is taken back, and only an own new sign-up starts again.',
  })
  @Access('READER')
  async readerObject(@Ctx() context: ApiContext): Promise<ReaderPayload> {
    const { alreadyPassed } = await transaction(context.db, tx =>
      withdraw(tx, {
        readerId: idOf(context),
        scope: 'all',
        surface: ConsentSurface.PREFERENCE_PAGE,
        method: ConsentMethod.REJECT_ALL,
        newsletterId: null,
      }),
    )
    return answer(context, alreadyPassed)
  }
}

function idOf({ reader }: ApiContext): number {
  if (!reader) throw new Error('Nobody is logged in')
  return reader.id
}

async function answer(
  context: ApiContext,
  alreadyPassed: string[],
  ...userErrors: UserError[]
): Promise<ReaderPayload> {
  return {
    reader: await context.db.manager.findOneBy(Reader, { id: idOf(context) }),
    alreadyPassed,
    userErrors,
  }
}

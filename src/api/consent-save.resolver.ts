import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { Access } from './access'
import { ConsentInput } from './centre.inputs'
import type { ApiContext } from './context'
import { ownerOf } from './owner'
import { ReaderPayload } from './payloads'
import { readerAnswer } from './reader-answer'
import { saveConsents } from './save-consents'
import { UserError } from './user-errors'

@Resolver()
export class ConsentSaveResolver {
  @Mutation(() => ReaderPayload, {
    description:
      'Yes and no per purpose: all of it or nothing. A yes needs a log-in and a fresh code; a mailed link only takes back.',
  })
  @Access('TOKEN')
  async consentSave(
    @Ctx() context: ApiContext,
    @Arg('input', () => ConsentInput) input: ConsentInput,
  ): Promise<ReaderPayload> {
    const owner = await ownerOf(context, input.token)
    if (owner === 'gone') return readerAnswer(context, undefined, [])
    if (owner instanceof UserError) return readerAnswer(context, undefined, owner)
    return readerAnswer(context, owner.readerId, await saveConsents(context, owner, input))
  }
}

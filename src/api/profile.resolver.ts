import { Arg, AuthenticationError, Ctx, Mutation, Resolver } from 'type-graphql'
import type { Reader } from '../entities/reader'
import { Access } from './access'
import { ProfileInput } from './centre.inputs'
import { changeAddress } from './change-address'
import type { ApiContext } from './context'
import { AcceptedPayload, accepted, ReaderPayload, refused } from './payloads'
import { readerAnswer } from './reader-answer'
import { saveOwnProfile, startEmailChange } from './save-own-profile'
import { ErrorCode, InputError } from './user-errors'

@Resolver()
export class ProfileResolver {
  @Mutation(() => ReaderPayload, { description: 'What is left out stays as it is.' })
  @Access('READER')
  async profileSave(
    @Ctx() context: ApiContext,
    @Arg('input', () => ProfileInput) input: ProfileInput,
  ): Promise<ReaderPayload> {
    const reader = self(context)
    const userErrors = await saveOwnProfile(context, reader, input)
    if (userErrors.length > 0) return { reader: null, alreadyPassed: [], userErrors }
    return readerAnswer(context, reader.id, [])
  }

  @Mutation(() => AcceptedPayload, {
    description: 'Needs a fresh code. Mails a link to the new address; the same answer for every address.',
  })
  @Access('READER')
  async emailChangeStart(
    @Ctx() context: ApiContext,
    @Arg('newEmail', () => String) newEmail: string,
  ): Promise<AcceptedPayload> {
    const error = await startEmailChange(context, self(context), newEmail)
    return error ? refused(error) : accepted()
  }

  @Mutation(() => ReaderPayload, {
    description:
      'The token of that link, once, within 24 hours. Ends every session; the old address is told.',
  })
  @Access('TOKEN')
  async emailChangeConfirm(
    @Ctx() context: ApiContext,
    @Arg('token', () => String) token: string,
  ): Promise<ReaderPayload> {
    const answer = await changeAddress(context, token)
    if (answer.kind === 'changed') return readerAnswer(context, answer.reader.id, answer.alreadyPassed)
    const code = {
      invalid: ErrorCode.TOKEN_INVALID,
      over: ErrorCode.TOKEN_EXPIRED,
      suppressed: ErrorCode.SUPPRESSED,
    }[answer.kind]
    return readerAnswer(context, undefined, new InputError(context.locale, code, ['token']))
  }
}

function self({ reader }: ApiContext): Reader {
  if (!reader) throw new AuthenticationError()
  return reader
}

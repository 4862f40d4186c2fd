import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver } from 'type-graphql'
import { endSession } from '../consent/reader-sessions'
import { refreshSession } from '../consent/refresh-session'
import { transaction } from '../transaction'
import { Access } from './access'
import { handOver, sessionView } from './answer-session'
import type { ApiContext } from './context'
import { isPublicId } from './find'
import { needsFreshProof } from './fresh-proof'
import { AcceptedPayload, accepted, refused } from './payloads'
import { clearReaderCookie } from './reader-cookie'
import { ReauthInput } from './reauth.input'
import { noSession, Session, SessionPayload } from './session.types'
import { ErrorCode, InputError } from './user-errors'
import { Viewer } from './viewer.resolver'

/** Sessions of readers. Staff have verbs of the same names on their own endpoint. */
@Resolver(() => Viewer)
export class ReaderSessionResolver {
  @FieldResolver(() => Session, { nullable: true })
  session(@Ctx() { readerSession }: ApiContext): Session | null {
    return readerSession ? sessionView(readerSession, readerSession) : null
  }

  @Mutation(() => SessionPayload, {
    description: 'New tokens for a refresh token, once. Using one twice ends its session for everybody.',
  })
  @Access('ANYONE')
  async sessionRefresh(
    @Ctx() context: ApiContext,
    @Arg('refreshToken', () => String) refreshToken: string,
  ): Promise<SessionPayload> {
    const refreshed = await transaction(context.db, tx => refreshSession(tx, refreshToken))
    if (!refreshed)
      return noSession(new InputError(context.locale, ErrorCode.TOKEN_INVALID, ['refreshToken']))
    return { ...handOver(context, refreshed), userErrors: [] }
  }

  @Mutation(() => AcceptedPayload, {
    description: 'Without a code: mails one and answers FRESH_PROOF_REQUIRED. With it: good for 30 minutes.',
  })
  @Access('READER')
  async reauthenticate(
    @Ctx() context: ApiContext,
    @Arg('input', () => ReauthInput) input: ReauthInput,
  ): Promise<AcceptedPayload> {
    const error = await needsFreshProof(context, input.code, ['input', 'code'])
    return error ? refused(error) : accepted()
  }

  @Mutation(() => AcceptedPayload, { description: 'Ends the session this request came with.' })
  @Access('READER')
  async logout(@Ctx() context: ApiContext): Promise<AcceptedPayload> {
    return end(context, context.readerSession?.publicId ?? '')
  }

  @Mutation(() => AcceptedPayload, { description: 'Ends one of the own sessions, at once.' })
  @Access('READER')
  async sessionRevoke(@Ctx() context: ApiContext, @Arg('id', () => ID) id: string): Promise<AcceptedPayload> {
    return end(context, id)
  }
}

async function end(context: ApiContext, id: string): Promise<AcceptedPayload> {
  const { db, config, locale, reader, readerSession, response } = context
  const isEnded = reader && isPublicId(id) && (await transaction(db, tx => endSession(tx, reader.id, id)))
  if (!isEnded) return refused(new InputError(locale, ErrorCode.NOT_FOUND, ['id']))
  if (readerSession?.publicId === id) clearReaderCookie(config, response)
  return accepted()
}

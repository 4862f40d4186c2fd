import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { type LoggedIn, logInWithCode, logInWithLink } from '../consent/log-in'
import { type OpenedSession, openSession } from '../consent/reader-sessions'
import { parseAddress } from '../mail/address'
import { addressHash } from '../secrets/address-hash'
import { transaction } from '../transaction'
import { Access } from './access'
import { handOver, mustBeAllowedCookie, wanted } from './answer-session'
import type { ApiContext } from './context'
import { LoginCompleteInput } from './login.inputs'
import { AcceptedPayload, accepted, refused } from './payloads'
import { EmailInput } from './register.inputs'
import { noSession, SessionPayload } from './session.types'
import { CONTROLS } from './sign-up'
import { startLogin } from './start-login'
import { ErrorCode, InputError } from './user-errors'

const MAX_DEVICE = 100

@Resolver()
export class LoginResolver {
  @Mutation(() => AcceptedPayload, {
    description: 'Mails a link and a code, 30 minutes; the same answer for every address.',
  })
  @Access('ANYONE')
  async loginStart(
    @Ctx() context: ApiContext,
    @Arg('input', () => EmailInput) input: EmailInput,
  ): Promise<AcceptedPayload> {
    const error = await startLogin(context, input.email)
    return error ? refused(error) : accepted()
  }

  @Mutation(() => SessionPayload, { description: 'Code and address, or the token of the link. Works once.' })
  @Access('ANYONE')
  async loginComplete(
    @Ctx() context: ApiContext,
    @Arg('input', () => LoginCompleteInput) input: LoginCompleteInput,
  ): Promise<SessionPayload> {
    mustBeAllowedCookie(context, input.transport)
    const wrong = wrongWith(context, input)
    if (wrong) return noSession(wrong)
    const opened = await transaction(context.db, tx => logIn(tx, context, input))
    if (opened instanceof InputError) return noSession(opened)
    return { ...handOver(context, opened), userErrors: [] }
  }
}

async function logIn(
  tx: EntityManager,
  context: ApiContext,
  input: LoginCompleteInput,
): Promise<OpenedSession | InputError> {
  const loggedIn = await proved(tx, context, input)
  if (loggedIn.kind !== 'reader') return refusal(context, input, loggedIn.kind)
  const device = input.device?.trim() || null
  return openSession(tx, loggedIn.reader, wanted(context, input.transport, device))
}

function proved(tx: EntityManager, { keyring }: ApiContext, input: LoginCompleteInput): Promise<LoggedIn> {
  if (input.token) return logInWithLink(tx, keyring, input.token)
  const hash = addressHash(keyring, parseAddress(input.email ?? '')?.canonical ?? '')
  return logInWithCode(tx, keyring, hash, input.code ?? '')
}

/** A code says nothing about why it is refused; a link is so long that nobody comes upon one by guessing. */
function refusal({ locale }: ApiContext, input: LoginCompleteInput, kind: LoggedIn['kind']): InputError {
  if (!input.token) return new InputError(locale, ErrorCode.CODE_INVALID, ['input', 'code'])
  const code = kind === 'expired' ? ErrorCode.TOKEN_EXPIRED : ErrorCode.TOKEN_INVALID
  return new InputError(locale, code, ['input', 'token'])
}

function wrongWith({ locale }: ApiContext, input: LoginCompleteInput): InputError | undefined {
  const wrong = (code: ErrorCode, field: string) => new InputError(locale, code, ['input', field])
  const device = input.device ?? ''
  if (device.length > MAX_DEVICE) return wrong(ErrorCode.TOO_LONG, 'device')
  if (CONTROLS.test(device)) return wrong(ErrorCode.INVALID, 'device')
  if (input.token) return undefined
  if (!input.code) return wrong(ErrorCode.REQUIRED, 'code')
  if (!input.email) return wrong(ErrorCode.REQUIRED, 'email')
  return parseAddress(input.email) ? undefined : wrong(ErrorCode.INVALID, 'email')
}

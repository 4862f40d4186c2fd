import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { EntityManager } from 'typeorm'
import { ageCheck } from '../consent/age-gate'
import { confirm } from '../consent/confirm'
import { deny } from '../consent/deny'
import { openSession } from '../consent/reader-sessions'
import { Reader } from '../entities/reader'
import { SessionTransport } from '../entities/session-transport'
import { parseAddress } from '../mail/address'
import { queueNotice } from '../notices/queue-notice'
import { addressHash } from '../secrets/address-hash'
import { makeAgePass } from '../secrets/age-pass'
import { transaction } from '../transaction'
import { Access } from './access'
import { admitMail } from './admit-sign-up'
import { handOver, mustBeAllowedCookie, wanted } from './answer-session'
import type { ApiContext } from './context'
import { AcceptedPayload, AgeCheckPayload, accepted, ReaderPayload, refused } from './payloads'
import { refuseStale } from './refuse-stale'
import { EmailInput, RegisterInput } from './register.inputs'
import { signUp } from './sign-up'
import { ErrorCode, InputError } from './user-errors'

@Resolver()
export class RegistrationResolver {
  @Mutation(() => AgeCheckPayload, { description: 'YYYY-MM; looked at in memory, never stored or logged.' })
  @Access('ANYONE', 'readers:register')
  ageCheck(
    @Ctx() { keyring, config, locale }: ApiContext,
    @Arg('birthMonth', () => String) birthMonth: string,
  ): AgeCheckPayload {
    const answer = ageCheck(birthMonth, config.minimumAge, new Date())
    if (answer === 'of-age') return { agePass: makeAgePass(keyring, new Date()), userErrors: [] }
    const code = answer === 'malformed' ? ErrorCode.INVALID : ErrorCode.NOT_ELIGIBLE
    return { agePass: null, userErrors: [new InputError(locale, code, ['birthMonth'])] }
  }

  @Mutation(() => AcceptedPayload, { description: 'The same answer for every address; a mail decides.' })
  @Access('ANYONE', 'readers:register')
  async readerRegister(
    @Ctx() context: ApiContext,
    @Arg('input', () => RegisterInput) input: RegisterInput,
  ): Promise<AcceptedPayload> {
    const errors = await signUp(context, input)
    return errors.length > 0 ? refused(...errors) : accepted()
  }

  @Mutation(() => AcceptedPayload, {
    description: 'Sends a pending confirmation once more, 15 minutes later.',
  })
  @Access('ANYONE', 'readers:register')
  async confirmationResend(
    @Ctx() context: ApiContext,
    @Arg('input', () => EmailInput) input: EmailInput,
  ): Promise<AcceptedPayload> {
    const { db, keyring, enqueue, locale } = context
    const address = parseAddress(input.email)
    if (!address) return refused(new InputError(locale, ErrorCode.INVALID, ['input', 'email']))
    const refusal = await admitMail(context, address)
    if (refusal) return refused(refusal)
    const hash = addressHash(keyring, address.canonical)
    const noticeId = await transaction(db, tx =>
      queueNotice(tx, { kind: 'confirmation', addressHash: hash, locale, isResend: true }),
    )
    await enqueue.notice(noticeId)
    return accepted()
  }

  @Mutation(() => ReaderPayload, {
    description:
      'Double opt-in: the token of the mailed link, once, within 72 hours. With a transport also logs in.',
  })
  @Access('TOKEN')
  async readerConfirm(
    @Ctx() context: ApiContext,
    @Arg('token', () => String) token: string,
    @Arg('transport', () => SessionTransport, { nullable: true }) transport?: SessionTransport | null,
    @Arg('policyVersion', () => String, {
      nullable: true,
      description:
        'After StalePolicyError, when a material policy has come into force since: its version, now shown.',
    })
    policyVersion?: string | null,
  ): Promise<ReaderPayload> {
    mustBeAllowedCookie(context, transport)
    const { db, limits, locale } = context
    const confirmed = await transaction(db, tx =>
      confirmAndLogIn(tx, context, { token, transport, policyVersion }),
    )
    if (confirmed.kind === 'confirmed') {
      void limits.breaker.confirmed()
      const { reader, opened } = confirmed
      return { reader, alreadyPassed: [], ...(opened && handOver(context, opened)), userErrors: [] }
    }
    if (confirmed.kind === 'stale') {
      const { registration } = confirmed
      const stale = await refuseStale(context, { locale: registration.locale, field: ['policyVersion'] })
      return { reader: null, alreadyPassed: [], userErrors: [stale] }
    }
    const code = {
      invalid: ErrorCode.TOKEN_INVALID,
      already: ErrorCode.TOKEN_INVALID,
      expired: ErrorCode.TOKEN_EXPIRED,
      suppressed: ErrorCode.SUPPRESSED,
    }[confirmed.kind]
    return { reader: null, alreadyPassed: [], userErrors: [new InputError(locale, code, ['token'])] }
  }

  @Mutation(() => AcceptedPayload, { description: '"This was not me": deletes the pending request.' })
  @Access('TOKEN')
  async registrationDeny(
    @Ctx() { db, keyring, locale }: ApiContext,
    @Arg('token', () => String) token: string,
  ): Promise<AcceptedPayload> {
    const denied = await transaction(db, tx => deny(tx, keyring, token))
    return denied.kind === 'denied'
      ? accepted()
      : refused(new InputError(locale, ErrorCode.TOKEN_INVALID, ['token']))
  }
}

interface ConfirmArguments {
  token: string
  transport: SessionTransport | null | undefined
  policyVersion: string | null | undefined
}

/** The same mail that confirms an address proves whose it is. */
async function confirmAndLogIn(
  tx: EntityManager,
  context: ApiContext,
  { token, transport, policyVersion }: ConfirmArguments,
) {
  const confirmed = await confirm(tx, context.keyring, token, policyVersion ?? undefined)
  if (confirmed.kind !== 'confirmed') return confirmed
  const reader = await tx.findOneByOrFail(Reader, { id: confirmed.readerId })
  const opened = transport && (await openSession(tx, reader, wanted(context, transport)))
  return { kind: confirmed.kind, reader, opened }
}

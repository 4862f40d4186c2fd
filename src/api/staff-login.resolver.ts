import { randomBytes } from 'node:crypto'
import { verify } from '@node-rs/argon2'
import {
  Arg,
  Ctx,
  Field,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Resolver,
  registerEnumType,
} from 'type-graphql'
import { v7 as uuidv7 } from 'uuid'
import { StaffSession } from '../entities/staff-session'
import { StaffUser } from '../entities/staff-user'
import { parseAddress } from '../mail/address'
import { addressHash } from '../secrets/address-hash'
import { Access } from './access'
import { type ApiContext, hashAccessToken } from './context'
import { AcceptedPayload, accepted } from './payloads'
import { ErrorCode, InputError, UserError } from './user-errors'

export enum SessionTransport {
  COOKIE = 'COOKIE',
  BEARER = 'BEARER',
}
registerEnumType(SessionTransport, { name: 'SessionTransport' })

@InputType()
export class StaffLoginInput {
  @Field(() => String)
  email!: string

  @Field(() => String)
  password!: string

  @Field(() => SessionTransport)
  transport!: SessionTransport
}

@ObjectType()
export class Session {
  @Field(() => ID)
  id!: string

  @Field(() => SessionTransport)
  transport!: SessionTransport

  @Field(() => Date)
  createdAt!: Date

  @Field(() => Date)
  expiresAt!: Date
}

@ObjectType()
export class SessionTokens {
  @Field(() => String, { description: 'For `Authorization: Bearer`. Shown once.' })
  accessToken!: string

  @Field(() => Date)
  accessExpiresAt!: Date
}

@ObjectType()
export class SessionPayload {
  @Field(() => Session, { nullable: true })
  session!: Session | null

  @Field(() => SessionTokens, { nullable: true })
  tokens!: SessionTokens | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

/** reliability §4.4: 12 hours absolute. */
const SESSION_MS = 12 * 3_600_000
/** A hash of nothing anyone knows: an unknown address costs the same time as a wrong password. */
const DUMMY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$d2VpbnRlcnJ1cHQtZHVtbXk$W4J2kM1yHg0RNhvrNEbHqzmMG1g6Vg0bJmn2yjD8S7M'

@Resolver()
export class StaffLoginResolver {
  @Mutation(() => SessionPayload)
  @Access('ANYONE')
  async staffLogin(
    @Ctx() context: ApiContext,
    @Arg('input', () => StaffLoginInput) input: StaffLoginInput,
  ): Promise<SessionPayload> {
    // Cookies need CSRF protection first; until then the only transport is the bearer token.
    if (input.transport === SessionTransport.COOKIE) return loginRefused(context, 'transport')
    const staff = await staffWithPassword(context, input)
    return staff ? openSession(context, staff) : loginRefused(context, 'password')
  }

  @Mutation(() => AcceptedPayload)
  @Access('AUTHOR')
  async logout(@Ctx() { db, session }: ApiContext): Promise<AcceptedPayload> {
    if (session) await db.manager.delete(StaffSession, { tokenHash: session.tokenHash })
    return accepted()
  }
}

async function staffWithPassword(
  { db, keyring }: ApiContext,
  input: StaffLoginInput,
): Promise<StaffUser | undefined> {
  const address = parseAddress(input.email)
  const staff = address
    ? await db.manager
        .createQueryBuilder(StaffUser, 'staff')
        .addSelect('staff.passwordHash')
        .where('staff.addressHash = :hash', { hash: addressHash(keyring, address.canonical) })
        .getOne()
    : null
  const isRight = await verify(staff?.passwordHash ?? DUMMY_HASH, input.password.slice(0, 1000)).catch(
    () => false,
  )
  return isRight && staff && !staff.disabledAt ? staff : undefined
}

async function openSession({ db }: ApiContext, staff: StaffUser): Promise<SessionPayload> {
  const accessToken = randomBytes(32).toString('base64url')
  const now = new Date()
  const session = {
    tokenHash: hashAccessToken(accessToken),
    publicId: uuidv7(),
    staffId: staff.id,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: new Date(now.getTime() + SESSION_MS),
  }
  await db.manager.insert(StaffSession, session)
  await db.manager.update(StaffUser, staff.id, { lastSeenAt: now })
  return {
    session: { ...session, id: session.publicId, transport: SessionTransport.BEARER },
    tokens: { accessToken, accessExpiresAt: session.expiresAt },
    userErrors: [],
  }
}

const loginRefused = ({ locale }: ApiContext, field: string): SessionPayload => ({
  session: null,
  tokens: null,
  userErrors: [new InputError(locale, ErrorCode.INVALID, ['input', field])],
})

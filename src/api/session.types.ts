// A log-in as its owner sees it, and what opening one answers.
import { Field, ID, ObjectType } from 'type-graphql'
import { SessionTransport } from '../entities/session-transport'
import { UserError } from './user-errors'

@ObjectType()
export class Session {
  @Field(() => ID)
  id!: string

  @Field(() => SessionTransport)
  transport!: SessionTransport

  @Field(() => String, { nullable: true, description: 'What the client called itself.' })
  device?: string | null

  @Field(() => Date)
  createdAt!: Date

  @Field(() => Date, { description: 'To the minute.' })
  lastUsedAt!: Date

  @Field(() => Date, { description: 'Unless it is used before; and at some time whatever happens.' })
  expiresAt!: Date

  @Field(() => Boolean, { description: 'The one this request came with.' })
  current!: boolean
}

@ObjectType()
export class SessionTokens {
  @Field(() => String, { description: 'For `Authorization: Bearer`. Shown once.' })
  accessToken!: string

  @Field(() => String, {
    nullable: true,
    description: 'For sessionRefresh, once: using it again ends the session. Readers only.',
  })
  refreshToken?: string | null

  @Field(() => Date)
  accessExpiresAt!: Date

  @Field(() => Date, { nullable: true })
  refreshExpiresAt?: Date | null
}

@ObjectType()
export class SessionPayload {
  @Field(() => Session, { nullable: true })
  session!: Session | null

  @Field(() => SessionTokens, { nullable: true, description: 'For transport BEARER only.' })
  tokens!: SessionTokens | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

/** No session, and why. */
export const noSession = (...userErrors: UserError[]): SessionPayload => ({
  session: null,
  tokens: null,
  userErrors,
})

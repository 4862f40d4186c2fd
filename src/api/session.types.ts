import { Field, ID, ObjectType } from 'type-graphql'
import { SessionTransport } from '../entities/session-transport'
import { UserError } from './user-errors'

@ObjectType()
export class Session {
  @Field(() => ID)
  id!: string

  @Field(() => SessionTransport)
  transport!: SessionTransport

  @Field(() => Date)
  createdAt!: Date

  @Field(() => Date, { description: 'To the minute.' })
  lastUsedAt!: Date

  @Field(() => Date)
  expiresAt!: Date

  @Field(() => Boolean, { description: 'The one this request came with.' })
  current!: boolean
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

  @Field(() => SessionTokens, { nullable: true, description: 'For BEARER only; COOKIE sets a cookie.' })
  tokens!: SessionTokens | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

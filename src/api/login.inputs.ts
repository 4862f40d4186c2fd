import { Field, InputType } from 'type-graphql'
import { SessionTransport } from '../entities/session-transport'

@InputType()
export class LoginCompleteInput {
  @Field(() => String, { nullable: true, description: 'With the code: the address it was sent to.' })
  email?: string | null

  @Field(() => String, { nullable: true, description: 'The six digits of the mail; spaces do not matter.' })
  code?: string | null

  @Field(() => String, { nullable: true, description: 'Instead of both: the token of the mailed link.' })
  token?: string | null

  @Field(() => SessionTransport)
  transport!: SessionTransport

  @Field(() => String, {
    nullable: true,
    description: 'What the list of sessions calls it; 100 characters.',
  })
  device?: string | null
}

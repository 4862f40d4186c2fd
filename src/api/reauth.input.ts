import { Field, InputType } from 'type-graphql'

@InputType()
export class ReauthInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Readers: the six digits that were mailed; left out, they are mailed. Staff: of the second factor, or a recovery code.',
  })
  code?: string | null

  @Field(() => String, { nullable: true, description: 'Staff only.' })
  password?: string | null
}

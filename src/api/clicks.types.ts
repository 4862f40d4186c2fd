import { Field, Int, ObjectType } from 'type-graphql'

@ObjectType()
export class AggregateCount {
  @Field(() => Int, {
    nullable: true,
    description: 'People a day, rounded down to fives; of days that are over.',
  })
  count!: number | null

  @Field(() => Int, {
    nullable: true,
    description:
      'Readers it was sent to, by fives; null for fewer than fifty: no rate is worked out of these.',
  })
  outOf!: number | null

  @Field(() => Boolean, { description: 'Fewer than ten people on every day.' })
  suppressed!: boolean
}

@ObjectType()
export class LinkClicks {
  @Field(() => String)
  url!: string

  @Field(() => AggregateCount)
  clicks!: AggregateCount
}

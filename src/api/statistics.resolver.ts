import {
  Arg,
  Ctx,
  Field,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  registerEnumType,
} from 'type-graphql'
import { StatMetric } from '../entities/stat-cell'
import { MINIMUM_GROUP } from '../privacy/publish-counts'
import { type Interval, report } from '../privacy/statistics'
import { readChoice } from '../privacy/visitor-choice'
import { Access } from './access'
import type { ApiContext } from './context'
import { RequestError } from './errors'
import { AcceptedPayload } from './payloads'
import { PRICE } from './price'
import { cellOf, recordStats } from './record-stats'
import { ErrorCode, InputError } from './user-errors'
import { visitorOf } from './visitor'

export enum StatInterval {
  DAY = 'DAY',
  WEEK = 'WEEK',
  MONTH = 'MONTH',
}
registerEnumType(StatInterval, { name: 'StatInterval' })

@InputType()
export class StatEventInput {
  @Field(() => StatMetric)
  metric!: StatMetric

  @Field(() => String, { nullable: true, description: 'Of PAGE_VIEW and ARCHIVE_VIEW: without query.' })
  path?: string | null

  @Field(() => String, { nullable: true, description: 'Of AD_IMPRESSION and AD_CLICK.' })
  placement?: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Of clients without cookies: what visitorConsentSave answered.',
  })
  visitorToken?: string | null
}

@InputType()
export class StatsInput {
  @Field(() => [StatMetric])
  metrics!: StatMetric[]

  @Field(() => Date)
  from!: Date

  @Field(() => Date, { description: 'Days that are not over yet are left out.' })
  to!: Date

  @Field(() => StatInterval)
  interval!: StatInterval

  @Field(() => String, { nullable: true, description: 'One path or placement; left out: all together.' })
  placement?: string | null
}

@ObjectType()
export class StatPoint {
  @Field(() => Date)
  at!: Date

  @Field(() => Int, { nullable: true, description: 'People, rounded down to fives.' })
  count!: number | null

  @Field(() => Boolean, { description: 'Fewer people than `minimumGroup` in every place.' })
  suppressed!: boolean
}

@ObjectType()
export class StatSeries {
  @Field(() => String)
  label!: string

  @Field(() => StatInterval)
  interval!: StatInterval

  @Field(() => Int)
  minimumGroup!: number

  @Field(() => [StatPoint])
  points!: StatPoint[]
}

const MAX_EVENTS = 20
const MAX_DAYS = 800

@Resolver()
export class StatRecordResolver {
  @Mutation(() => AcceptedPayload, {
    description: 'Counted only where the visitor said yes to that; the answer does not tell.',
  })
  @Access('ANYONE')
  async statRecord(
    @Ctx() context: ApiContext,
    @Arg('input', () => [StatEventInput]) input: StatEventInput[],
  ): Promise<AcceptedPayload> {
    const { locale, request } = context
    const cells = input.map(cellOf)
    const wrong = cells.indexOf(undefined)
    const isTooMany = input.length > MAX_EVENTS
    if (input.length === 0 || isTooMany || wrong >= 0) {
      const code = isTooMany
        ? ErrorCode.TOO_LONG
        : input.length === 0
          ? ErrorCode.REQUIRED
          : ErrorCode.INVALID
      const field = wrong >= 0 && !isTooMany ? ['input', String(wrong)] : ['input']
      return { accepted: false, alreadyPassed: [], userErrors: [new InputError(locale, code, field)] }
    }
    const choice = readChoice(input[0]?.visitorToken ?? undefined, new Date())
    const visitor = await visitorOf(context, request, context, choice)
    await recordStats(
      context,
      request,
      visitor,
      cells.filter(cell => cell !== undefined),
    )
    return { accepted: true, alreadyPassed: [], userErrors: [] }
  }
}

@Resolver()
export class StatisticsResolver {
  @Query(() => [StatSeries], {
    complexity: PRICE.count,
    description: 'People, never fewer than ten in one place on one day; larger figures are sums of those.',
  })
  @Access('AUTHOR')
  async stats(
    @Ctx() { db }: ApiContext,
    @Arg('input', () => StatsInput) { metrics, from, to, interval, placement }: StatsInput,
  ): Promise<StatSeries[]> {
    const days = (to.getTime() - from.getTime()) / 86_400_000
    if (!(days >= 0 && days <= MAX_DAYS))
      throw new RequestError('BAD_USER_INPUT', `from must be before to, by at most ${MAX_DAYS} days`)
    const series = await report(db.manager, {
      metrics: [...new Set(metrics)],
      from: from.toISOString().slice(0, 10),
      to: to.toISOString().slice(0, 10),
      interval: interval as Interval,
      label: placement ?? undefined,
    })
    return series.map(({ metric, points }) => ({
      label: metric,
      interval,
      minimumGroup: MINIMUM_GROUP,
      points: points.map(({ at, count }) => ({ at: new Date(at), count, suppressed: count === null })),
    }))
  }
}

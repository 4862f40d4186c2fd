import { Ctx, Field, FieldResolver, ID, Int, ObjectType, Resolver, Root } from 'type-graphql'
import { openStaff } from '../consent/staff'
import { StaffUser } from '../entities/staff-user'
import { Topic } from '../entities/topic'
import { estimateAudience } from '../newsletters/estimate'
import { Access } from './access'
import type { ApiContext } from './context'
import { PRICE } from './price'
import { Role, Viewer } from './viewer.resolver'

@ObjectType('StaffUser')
export class StaffView {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  name!: string

  @Field(() => String)
  @Access('AUTHOR')
  email!: string

  @Field(() => Role)
  role!: Role

  @Field(() => Boolean, { description: 'A code is asked for at log-in.' })
  hasSecondFactor!: boolean

  @Field(() => Date, { nullable: true, description: 'Null until the invitation is accepted.' })
  confirmedAt!: Date | null

  @Field(() => Boolean)
  disabled!: boolean

  @Field(() => Date, { nullable: true })
  lastSeenAt!: Date | null
}

export const staffView = ({ keyring }: Pick<ApiContext, 'keyring'>, staff: StaffUser): StaffView => ({
  id: staff.publicId,
  ...openStaff(keyring, staff),
  role: Role[staff.role],
  hasSecondFactor: staff.totpConfirmedAt !== null,
  confirmedAt: staff.confirmedAt,
  disabled: staff.disabledAt !== null,
  lastSeenAt: staff.lastSeenAt,
})

@Resolver(() => Viewer)
export class StaffViewerResolver {
  @FieldResolver(() => StaffView, { nullable: true })
  staff(@Ctx() context: ApiContext): StaffView | null {
    return context.staff ? staffView(context, context.staff) : null
  }
}

@Resolver(() => Topic)
export class StaffTopicResolver {
  @FieldResolver(() => Int, {
    nullable: true,
    description: 'Who would get an issue sent now.',
    complexity: PRICE.count,
  })
  @Access('AUTHOR', 'newsletters:read')
  async readerCount(@Root() topic: Topic, @Ctx() { db }: ApiContext): Promise<number> {
    return (await estimateAudience(db.manager, topic.purposeId)).willReceive
  }
}

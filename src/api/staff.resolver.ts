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
  email!: string

  @Field(() => Role)
  role!: Role

  @Field(() => Date, { nullable: true })
  lastSeenAt!: Date | null
}

export const staffView = ({ keyring }: Pick<ApiContext, 'keyring'>, staff: StaffUser): StaffView => ({
  id: staff.publicId,
  ...openStaff(keyring, staff),
  role: Role[staff.role],
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
  @Access('AUTHOR')
  async readerCount(@Root() topic: Topic, @Ctx() { db }: ApiContext): Promise<number> {
    return (await estimateAudience(db.manager, topic.purposeId)).willReceive
  }
}

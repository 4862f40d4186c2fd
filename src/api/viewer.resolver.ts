import { Ctx, Field, FieldResolver, ObjectType, Query, Resolver, registerEnumType } from 'type-graphql'
import { Reader } from '../entities/reader'
import { Access } from './access'
import type { ApiContext } from './context'

export enum Role {
  ANONYMOUS = 'ANONYMOUS',
  READER = 'READER',
  AUTHOR = 'AUTHOR',
  PUBLISHER = 'PUBLISHER',
  ADMIN = 'ADMIN',
  PROCESSOR = 'PROCESSOR',
}
registerEnumType(Role, { name: 'Role' })

@ObjectType()
export class Viewer {
  @Field(() => Role)
  role!: Role
}

@Resolver(() => Viewer)
export class ViewerResolver {
  @Query(() => Viewer, { description: 'Who am I?' })
  @Access('ANYONE')
  viewer(@Ctx() { staff, reader }: ApiContext): Viewer {
    if (staff) return { role: Role[staff.role] }
    return { role: reader ? Role.READER : Role.ANONYMOUS }
  }

  @FieldResolver(() => Reader, { nullable: true })
  reader(@Ctx() { reader }: ApiContext): Reader | null {
    return reader ?? null
  }
}

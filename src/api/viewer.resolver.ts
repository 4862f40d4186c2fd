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

/** In whose name the request comes. */
export function roleOf({ staff, reader }: Pick<ApiContext, 'staff' | 'reader'>): Role {
  if (staff) return Role[staff.role]
  return reader ? Role.READER : Role.ANONYMOUS
}

@Resolver(() => Viewer)
export class ViewerResolver {
  @Query(() => Viewer, { description: 'Who am I?' })
  @Access('ANYONE')
  viewer(@Ctx() context: ApiContext): Viewer {
    return { role: roleOf(context) }
  }

  @FieldResolver(() => Reader, { nullable: true })
  reader(@Ctx() { reader }: ApiContext): Reader | null {
    return reader ?? null
  }
}

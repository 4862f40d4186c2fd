import { Arg, Ctx, Field, FieldResolver, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql'
import { LessThan } from 'typeorm'
import { AuditEvent } from '../entities/audit-event'
import { Access } from './access'
import { type Connection, connectionFrom, connectionOf, pageOf } from './connection'
import type { ApiContext } from './context'
import { StaffView, staffView } from './staff.resolver'
import { Role } from './viewer.resolver'

@ObjectType('AuditEvent', { description: 'Append-only: who of staff changed what, when and why.' })
export class AuditEventView {
  @Field(() => ID)
  id!: string

  @Field(() => Date)
  at!: Date

  @Field(() => String, { description: '`staff:ID`, or `operator` for the command line.' })
  actor!: string

  @Field(() => Role, { description: 'The role it was done in; of the operator ADMIN.' })
  role!: Role

  @Field(() => String, { description: 'Such as `newsletter.schedule`.' })
  action!: string

  @Field(() => ID, { nullable: true, description: 'What was changed.' })
  target!: string | null

  @Field(() => String, { nullable: true })
  reason!: string | null

  @Field(() => ID, { nullable: true, description: 'The request it came with.' })
  requestId!: string | null
}

const AuditEventConnection = connectionOf(AuditEventView, 'AuditEvent')

@Resolver(() => AuditEventView)
export class AuditResolver {
  @Query(() => AuditEventConnection, { description: 'The latest first.' })
  @Access('ADMIN')
  async auditEvents(
    @Ctx() { db }: ApiContext,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<AuditEventView>> {
    const page = pageOf(first, after)
    const rows = await db.manager.find(AuditEvent, {
      where: page.after === undefined ? {} : { id: LessThan(page.after) },
      order: { id: 'DESC' },
      take: page.limit + 1,
    })
    return viewed(connectionFrom(rows, page, row => Number(row.id)))
  }

  @FieldResolver(() => StaffView, { nullable: true, description: 'Null for the operator.' })
  async staff(@Root() { actor }: AuditEventView, @Ctx() context: ApiContext): Promise<StaffView | null> {
    const publicId = /^staff:(.+)$/.exec(actor)?.[1]
    const staff = publicId ? await context.loaders.staffByPublicId.load(publicId) : undefined
    return staff ? staffView(context, staff) : null
  }
}

const viewed = ({ edges, pageInfo }: Connection<AuditEvent>): Connection<AuditEventView> => {
  const shown = edges.map(({ cursor, node }) => ({ cursor, node: auditEventView(node) }))
  return { edges: shown, nodes: shown.map(({ node }) => node), pageInfo }
}

const auditEventView = (row: AuditEvent): AuditEventView => ({
  ...row,
  id: row.publicId,
  role: Role[row.role as keyof typeof Role],
})

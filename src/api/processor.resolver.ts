// Who helps the site, for everybody; what they signed and what was passed to them, for admins and for each reader.
import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql'
import { LessThan, MoreThan, Not } from 'typeorm'
import { Agreement } from '../entities/agreement'
import { DisclosedReader, Disclosure } from '../entities/disclosure'
import { Processor, ProcessorStatus } from '../entities/processor'
import { Reader } from '../entities/reader'
import { Access } from './access'
import { type Connection, connectionFrom, pageOf } from './connection'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { PRICE } from './price'
import {
  AgreementView,
  DisclosureConnection,
  type DisclosureView,
  ProcessorConnection,
  ProcessorView,
} from './processor.types'
import { agreementView, disclosureViews, processorViews } from './processor-view'

@Resolver(() => ProcessorView)
export class ProcessorResolver {
  @Query(() => ProcessorConnection, { description: 'The registry. Drafts are not in it.' })
  @Access('ANYONE')
  async processors(
    @Ctx() context: ApiContext,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<ProcessorView>> {
    const page = pageOf(first, after)
    // Staff also see what is being prepared.
    const where = context.staff ? {} : { status: Not(ProcessorStatus.DRAFT) }
    const rows = await context.db.manager.find(Processor, {
      where: { ...where, ...(page.after !== undefined && { id: MoreThan(page.after) }) },
      order: { id: 'ASC' },
      take: page.limit + 1,
    })
    return connectionFrom(await processorViews(context, rows), page, row => row.processorId)
  }
}

@Resolver(() => ProcessorView)
export class StaffProcessorResolver {
  @FieldResolver(() => [AgreementView], {
    complexity: PRICE.statement,
    description: 'The latest first. For admins, else empty.',
  })
  async agreements(@Root() { processorId }: ProcessorView, @Ctx() context: ApiContext) {
    if (context.staff?.role !== 'ADMIN') return []
    const rows = await context.db.manager.find(Agreement, {
      where: { processorId },
      order: { id: 'DESC' },
      take: 100,
    })
    return rows.map(agreementView)
  }

  @Query(() => DisclosureConnection, { description: 'What was passed to third parties, the latest first.' })
  @Access('ADMIN')
  async disclosures(
    @Ctx() context: ApiContext,
    @Arg('processorId', () => ID, { nullable: true }) processorId: string | null | undefined,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<DisclosureView>> {
    const page = pageOf(first, after)
    const { manager } = context.db
    const processor = processorId ? await byPublicId(manager, Processor, processorId) : undefined
    const rows = await manager.find(Disclosure, {
      where: {
        ...(processor && { processorId: processor.id }),
        ...(page.after !== undefined && { id: LessThan(page.after) }),
      },
      order: { id: 'DESC' },
      take: page.limit + 1,
    })
    return shown(
      context,
      connectionFrom(rows, page, row => row.id),
    )
  }
}

@Resolver(() => Reader)
export class OwnDisclosureResolver {
  @FieldResolver(() => DisclosureConnection, {
    complexity: PRICE.statement,
    description: 'Who got this person’s data. For the reader who is logged in, else empty. The latest first.',
  })
  async disclosures(
    @Root() reader: Reader,
    @Ctx() context: ApiContext,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<DisclosureView>> {
    const page = pageOf(first, after)
    const isSelf = reader.id === context.reader?.id
    const query = context.db.manager
      .createQueryBuilder(Disclosure, 'disclosure')
      .innerJoin(DisclosedReader, 'one', 'one.disclosureId = disclosure.id AND one.readerId = :id', {
        id: reader.id,
      })
      .orderBy('disclosure.id', 'DESC')
      .take(page.limit + 1)
    if (page.after !== undefined) query.andWhere('disclosure.id < :after', { after: page.after })
    return shown(
      context,
      connectionFrom(isSelf ? await query.getMany() : [], page, row => row.id),
    )
  }
}

async function shown(
  context: ApiContext,
  { edges, pageInfo }: Connection<Disclosure>,
): Promise<Connection<DisclosureView>> {
  const nodes = await disclosureViews(
    context,
    edges.map(({ node }) => node),
  )
  return { nodes, pageInfo, edges: nodes.map((node, at) => ({ node, cursor: edges[at]?.cursor ?? '' })) }
}

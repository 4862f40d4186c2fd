import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql'
import { In, LessThan, MoreThan } from 'typeorm'
import { policyVersion } from '../consent/policies'
import { ImportJob } from '../entities/import-job'
import { ImportReject } from '../entities/import-reject'
import { Topic } from '../entities/topic'
import { startImport } from '../imports/start-import'
import { Access } from './access'
import { audited } from './audited'
import { type Connection, connectionFrom, connectionOf, pageOf } from './connection'
import type { ApiContext } from './context'
import { notFresh } from './fresh'
import {
  ImportInput,
  ImportJobView,
  ImportPayload,
  ImportRejectView,
  importView,
  rejectView,
} from './import.types'
import { inputError } from './newsletter-answers'
import { PRICE } from './price'
import { ErrorCode, type UserError } from './user-errors'

const ImportJobConnection = connectionOf(ImportJobView, 'ImportJob')

const MAX_NAME = 200
const MAX_COLUMN = 100
const MAX_TOPICS = 50

@Resolver(() => ImportJobView)
export class ImportResolver {
  @Query(() => ImportJobConnection, { description: 'The latest first.' })
  @Access('ADMIN')
  async imports(
    @Ctx() { db, locale }: ApiContext,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<ImportJobView>> {
    const page = pageOf(first, after)
    const rows = await db.manager.find(ImportJob, {
      where: page.after === undefined ? {} : { id: LessThan(page.after) },
      order: { id: 'DESC' },
      take: page.limit + 1,
    })
    const views = rows.map(row => importView(row, locale))
    return connectionFrom(views, page, view => view.job.id)
  }

  @FieldResolver(() => [ImportRejectView], {
    description: 'In their order; 10,000 of an import are named. `after`: the row after which to go on.',
    complexity: PRICE.statement,
  })
  async rejected(
    @Root() { job }: ImportJobView,
    @Ctx() { db, locale }: ApiContext,
    @Arg('first', () => Int, { defaultValue: 100 }) first: number,
    @Arg('after', () => Int, { defaultValue: 0 }) after: number,
  ): Promise<ImportRejectView[]> {
    const rows = await db.manager.find(ImportReject, {
      where: { importId: job.id, row: MoreThan(after) },
      order: { row: 'ASC' },
      take: pageOf(first, null).limit,
    })
    return rows.map(row => rejectView(row, locale))
  }

  @Mutation(() => ImportPayload, {
    description:
      'Readers with the evidence of their consent, row by row. No row causes a mail, changes an answer or lifts a suppression.',
  })
  @Access('ADMIN')
  async importStart(
    @Ctx() context: ApiContext,
    @Arg('input', () => ImportInput) input: ImportInput,
  ): Promise<ImportPayload> {
    const errors = await inputErrors(context, input)
    const stale = await notFresh(context)
    if (stale) errors.push(stale)
    if (errors.length > 0) return { import: null, uploadUrl: null, userErrors: errors }
    const settings = {
      kind: 'readers' as const,
      evidenceColumns: input.evidenceColumns,
      policyNumber: Number(input.policyVersion),
      topicSlugs: input.topicSlugs ?? [],
    }
    const owner = { staffId: context.staff?.id ?? null, fileName: input.fileName }
    const { job, ticket } = await audited(
      context,
      tx => startImport(tx, settings, owner),
      started => ({
        action: 'import.start',
        target: started.job.publicId,
        reason: `policy ${settings.policyNumber}, topics ${settings.topicSlugs.join(' ') || 'of the file'}`,
      }),
    )
    const uploadUrl = new URL(`/imports/${ticket}`, context.config.publicUrl).toString()
    return { import: importView(job, context.locale), uploadUrl, userErrors: [] }
  }
}

async function inputErrors(context: ApiContext, input: ImportInput): Promise<UserError[]> {
  const { db, locale, locales } = context
  const { evidenceColumns: columns, policyVersion: version } = input
  const slugs = input.topicSlugs ?? []
  const known = slugs.length > MAX_TOPICS ? 0 : await db.manager.countBy(Topic, { slug: In(slugs) })
  const policy = /^[1-9]\d{0,8}$/.test(version)
    ? await policyVersion(db.manager, Number(version), locale, locales)
    : undefined
  const problems = [
    [input.fileName.trim() === '', ErrorCode.REQUIRED, 'fileName'],
    [input.fileName.length > MAX_NAME, ErrorCode.TOO_LONG, 'fileName'],
    [columns.length < 3, ErrorCode.EVIDENCE_MISSING, 'evidenceColumns'],
    [columns.length > 4 || !areColumns(columns), ErrorCode.INVALID, 'evidenceColumns'],
    [!policy?.publishedAt, ErrorCode.NOT_FOUND, 'policyVersion'],
    [known !== new Set(slugs).size, ErrorCode.NOT_FOUND, 'topicSlugs'],
  ] as const
  return problems
    .filter(([isWrong]) => isWrong)
    .map(([, code, field]) => inputError(context, code, 'input', field))
}

/** Different columns, each with a name. */
function areColumns(columns: readonly string[]): boolean {
  const names = new Set(columns.map(name => name.trim().toLowerCase()))
  return names.size === columns.length && [...names].every(name => name !== '' && name.length <= MAX_COLUMN)
}

import {
  Arg,
  AuthenticationError,
  AuthorizationError,
  Ctx,
  Field,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql'
import { LessThan } from 'typeorm'
import { createApiKey, revokeApiKey } from '../consent/api-keys'
import { ApiKey, type ApiScope, apiScopes } from '../entities/api-key'
import { Processor } from '../entities/processor'
import { Access } from './access'
import { audited } from './audited'
import { type Connection, connectionFrom, connectionOf, pageOf } from './connection'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { notFresh } from './fresh'
import { ErrorCode, InputError, UserError } from './user-errors'

@ObjectType('ApiKey')
export class ApiKeyView {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  name!: string

  @Field(() => [String])
  scopes!: string[]

  @Field(() => Date)
  createdAt!: Date

  @Field(() => Date, { nullable: true, description: 'To the minute.' })
  lastUsedAt!: Date | null

  @Field(() => Date, { nullable: true })
  expiresAt!: Date | null

  @Field(() => Date, { nullable: true })
  revokedAt!: Date | null
}

@ObjectType()
export class ApiKeyPayload {
  @Field(() => ApiKeyView, { nullable: true })
  apiKey!: ApiKeyView | null

  @Field(() => String, { nullable: true, description: 'The key, for `Authorization: Bearer`.' })
  secretShownOnce!: string | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

@InputType()
export class ApiKeyInput {
  @Field(() => String)
  name!: string

  @Field(() => [String], { description: `Of ${apiScopes.join(', ')}.` })
  scopes!: string[]

  @Field(() => Date, { description: 'At most a year from now.' })
  expiresAt!: Date

  @Field(() => ID, {
    nullable: true,
    description: 'The third party it is for; goes with `processor:records` and no other scope.',
  })
  processorId?: string | null
}

const ApiKeyConnection = connectionOf(ApiKeyView, 'ApiKey')

const MAX_NAME = 100
const MAX_AGE_MS = 366 * 86_400_000

@Resolver()
export class ApiKeyResolver {
  @Query(() => ApiKeyConnection, { description: 'The latest first, the revoked ones too.' })
  @Access('ADMIN')
  async apiKeys(
    @Ctx() { db }: ApiContext,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<ApiKeyView>> {
    const page = pageOf(first, after)
    const rows = await db.manager.find(ApiKey, {
      where: page.after === undefined ? {} : { id: LessThan(page.after) },
      order: { id: 'DESC' },
      take: page.limit + 1,
    })
    const { edges, pageInfo } = connectionFrom(rows, page, row => row.id)
    const shown = edges.map(({ cursor, node }) => ({ cursor, node: apiKeyView(node) }))
    return { edges: shown, nodes: shown.map(({ node }) => node), pageInfo }
  }

  @Mutation(() => ApiKeyPayload)
  @Access('ADMIN')
  async apiKeyCreate(
    @Ctx() context: ApiContext,
    @Arg('input', () => ApiKeyInput) input: ApiKeyInput,
  ): Promise<ApiKeyPayload> {
    const errors = inputErrors(context, input)
    const stale = await notFresh(context)
    if (stale) errors.push(stale)
    if (errors.length > 0) return { apiKey: null, secretShownOnce: null, userErrors: errors }
    const { processorId } = input
    const processor = processorId ? await byPublicId(context.db.manager, Processor, processorId) : undefined
    const staffId = context.staff?.id
    if (!staffId) throw new AuthenticationError()
    const wanted = {
      ...input,
      staffId,
      processorId: processor?.id,
      name: input.name.trim(),
      scopes: input.scopes.filter(isScope),
    }
    const made = await audited(
      context,
      tx => createApiKey(tx, wanted),
      one =>
        one && { action: 'key.create', target: one.apiKey.publicId, reason: one.apiKey.scopes.join(' ') },
    )
    if (!made) throw new AuthorizationError()
    return { apiKey: apiKeyView(made.apiKey), secretShownOnce: made.secret, userErrors: [] }
  }

  @Mutation(() => ApiKeyPayload, { description: 'From the answer on it opens nothing.' })
  @Access('ADMIN')
  async apiKeyRevoke(@Ctx() context: ApiContext, @Arg('id', () => ID) id: string): Promise<ApiKeyPayload> {
    const { manager } = context.db
    const known = await byPublicId(manager, ApiKey, id)
    await audited(
      context,
      tx => revokeApiKey(tx, known.id),
      isNew => (isNew ? { action: 'key.revoke', target: id } : undefined),
    )
    const apiKey = apiKeyView(await byPublicId(manager, ApiKey, id))
    return { apiKey, secretShownOnce: null, userErrors: [] }
  }
}

const apiKeyView = (row: ApiKey): ApiKeyView => ({ ...row, id: row.publicId })

/** A third party's key opens what is for third parties and nothing of the site's own. */
const isForProcessor = ({ scopes }: ApiKeyInput): boolean => scopes.includes('processor:records')

const isScope = (text: string): text is ApiScope => (apiScopes as readonly string[]).includes(text)

function inputErrors({ locale }: ApiContext, input: ApiKeyInput): UserError[] {
  const now = Date.now()
  const problems = [
    [input.name.trim() === '', ErrorCode.REQUIRED, 'name'],
    [input.name.trim().length > MAX_NAME, ErrorCode.TOO_LONG, 'name'],
    [input.scopes.length === 0, ErrorCode.REQUIRED, 'scopes'],
    [!input.scopes.every(isScope), ErrorCode.INVALID, 'scopes'],
    [isForProcessor(input) !== Boolean(input.processorId), ErrorCode.INVALID, 'processorId'],
    [isForProcessor(input) && new Set(input.scopes).size > 1, ErrorCode.INVALID, 'scopes'],
    [
      !(input.expiresAt.getTime() > now && input.expiresAt.getTime() <= now + MAX_AGE_MS),
      ErrorCode.INVALID,
      'expiresAt',
    ],
  ] as const
  return problems
    .filter(([isWrong]) => isWrong)
    .map(([, code, field]) => new InputError(locale, code, ['input', field]))
}

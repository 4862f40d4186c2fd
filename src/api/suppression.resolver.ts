import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql'
import { type FindOptionsWhere, LessThan } from 'typeorm'
import { liftSuppression } from '../consent/lift-suppression'
import { openReader } from '../consent/readers'
import { suppress } from '../consent/suppress'
import { Suppression, SuppressionReason } from '../entities/suppression'
import { redact } from '../log'
import { maskAddress, parseAddress } from '../mail/address'
import { addressHash } from '../secrets/address-hash'
import { Access } from './access'
import { audited } from './audited'
import { type Connection, connectionFrom, connectionOf, pageOf } from './connection'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { notFresh } from './fresh'
import { NewsletterView } from './newsletter.types'
import { inputError } from './newsletter-answers'
import { AcceptedPayload, accepted, refused } from './payloads'
import { ErrorCode, UserError } from './user-errors'

@ObjectType('Suppression', { description: 'An address that is not mailed, kept as a keyed hash.' })
export class SuppressionView {
  /** For the field resolvers. */
  row!: Suppression

  @Field(() => ID)
  id!: string

  @Field(() => SuppressionReason)
  reason!: SuppressionReason

  @Field(() => Date)
  at!: Date

  @Field(() => String, { nullable: true, description: 'Addresses in it are masked.' })
  note!: string | null
}

@ObjectType()
export class SuppressionPayload {
  @Field(() => SuppressionView, { nullable: true })
  suppression!: SuppressionView | null

  @Field(() => [ID], { description: 'Deliveries that had passed their gate and may still arrive.' })
  alreadyPassed: string[] = []

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

@InputType()
export class SuppressionInput {
  @Field(() => String)
  email!: string

  @Field(() => String)
  note!: string
}

const SuppressionConnection = connectionOf(SuppressionView, 'Suppression')

const MAX_TEXT = 500

@Resolver(() => SuppressionView)
export class SuppressionResolver {
  @Query(() => SuppressionConnection, {
    description: 'The latest first. `search` is a whole address: nothing shorter can be found by its hash.',
  })
  @Access('AUTHOR')
  async suppressions(
    @Ctx() { db, keyring }: ApiContext,
    @Arg('search', () => String, { nullable: true }) search: string | null | undefined,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<SuppressionView>> {
    const page = pageOf(first, after)
    const address = search ? parseAddress(search) : undefined
    if (search && !address) return connectionFrom<SuppressionView>([], page, () => 0)
    const where: FindOptionsWhere<Suppression> = {
      ...(address && { addressHash: addressHash(keyring, address.canonical) }),
      ...(page.after !== undefined && { id: LessThan(page.after) }),
    }
    const rows = await db.manager.find(Suppression, { where, order: { id: 'DESC' }, take: page.limit + 1 })
    return connectionFrom(rows.map(view), page, ({ row }) => row.id)
  }

  @FieldResolver(() => String, { description: '`•••` where nobody but the hash knows the address.' })
  async maskedEmail(@Root() { row }: SuppressionView, @Ctx() context: ApiContext): Promise<string> {
    const reader = await context.loaders.readerByHash.load(row.addressHash)
    const person = reader && openReader(context.keyring, reader)
    return maskAddress(person?.email ?? '')
  }

  @FieldResolver(() => NewsletterView, { nullable: true, description: 'The newsletter it came of.' })
  async source(@Root() { row }: SuppressionView, @Ctx() { loaders }: ApiContext): Promise<object | null> {
    return row.newsletterId === null ? null : ((await loaders.newsletter.load(row.newsletterId)) ?? null)
  }

  @Mutation(() => SuppressionPayload, {
    description: 'Blocks an address, known or not. After the answer nothing passes its gate for it.',
  })
  @Access('AUTHOR')
  async suppressionAdd(
    @Ctx() context: ApiContext,
    @Arg('input', () => SuppressionInput) input: SuppressionInput,
  ): Promise<SuppressionPayload> {
    const address = parseAddress(input.email)
    const note = redact(input.note.trim())
    const errors = textErrors(context, note, 'input', 'note')
    if (!address) errors.push(inputError(context, ErrorCode.INVALID, 'input', 'email'))
    if (!address || errors.length > 0) return { suppression: null, alreadyPassed: [], userErrors: errors }
    const hash = addressHash(context.keyring, address.canonical)
    const key = { addressHash: hash, reason: SuppressionReason.MANUAL }
    const { row, alreadyPassed } = await audited(
      context,
      async tx => {
        const isNew = !(await tx.existsBy(Suppression, key))
        const { alreadyPassed } = await suppress(tx, hash, key.reason, { newsletterId: null, note })
        return { isNew, alreadyPassed, row: await tx.findOneByOrFail(Suppression, key) }
      },
      done =>
        done.isNew ? { action: 'suppression.add', target: done.row.publicId, reason: note } : undefined,
    )
    return { suppression: view(row), alreadyPassed, userErrors: [] }
  }

  @Mutation(() => AcceptedPayload, {
    description:
      'Takes back a hard bounce or a manual one. Not a complaint, not an erasure, and not "stop everything", which ends with the reader’s own confirmation.',
  })
  @Access('ADMIN')
  async suppressionRemove(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('reason', () => String) reason: string,
  ): Promise<AcceptedPayload> {
    const suppression = await byPublicId(context.db.manager, Suppression, id)
    const errors = textErrors(context, reason.trim(), 'reason')
    const stale = await notFresh(context)
    if (stale) errors.push(stale)
    if (errors.length > 0) return refused(...errors)
    const lifted = await audited(
      context,
      tx => liftSuppression(tx, suppression),
      outcome => (outcome === 'lifted' ? { action: 'suppression.remove', target: id, reason } : undefined),
    )
    return lifted === 'lifted' ? accepted() : refused(inputError(context, ErrorCode.INVALID_STATE, 'id'))
  }
}

const view = (row: Suppression): SuppressionView => ({
  row,
  id: row.publicId,
  reason: row.reason,
  at: row.createdAt,
  note: row.note === null ? null : redact(row.note),
})

function textErrors(context: ApiContext, text: string, ...field: string[]): UserError[] {
  if (text === '') return [inputError(context, ErrorCode.REQUIRED, ...field)]
  return text.length > MAX_TEXT ? [inputError(context, ErrorCode.TOO_LONG, ...field)] : []
}

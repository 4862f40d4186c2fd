// What authorities ask: written down by one admin, approved by another; each release is of one reader (P10).
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql'
import { LessThan } from 'typeorm'
import { LawfulDisclosure } from '../entities/lawful-disclosure'
import { Reader } from '../entities/reader'
import {
  type Approval,
  approveLawfulDisclosure,
  extractTicket,
  isOpenExtract,
  recordLawfulDisclosure,
} from '../privacy/lawful-disclosures'
import { Access } from './access'
import { audited } from './audited'
import { type Connection, connectionFrom, pageOf } from './connection'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { notFresh } from './fresh'
import { lawfulDisclosureErrors } from './lawful-disclosure.inputs'
import {
  LawfulDisclosureConnection,
  LawfulDisclosureInput,
  LawfulDisclosurePayload,
  LawfulDisclosureView,
  lawfulDisclosureView,
} from './lawful-disclosure.types'
import { staffName } from './staff-name'
import { ErrorCode, InputError, type UserError } from './user-errors'

@Resolver(() => LawfulDisclosureView)
export class LawfulDisclosureResolver {
  @Query(() => LawfulDisclosureConnection, { description: 'The latest first.' })
  @Access('ADMIN')
  async lawfulDisclosures(
    @Ctx() { db }: ApiContext,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string | null,
  ): Promise<Connection<LawfulDisclosureView>> {
    const page = pageOf(first, after)
    const rows = await db.manager.find(LawfulDisclosure, {
      where: page.after === undefined ? {} : { id: LessThan(page.after) },
      order: { id: 'DESC' },
      take: page.limit + 1,
    })
    return connectionFrom(rows.map(lawfulDisclosureView), page, ({ row }) => row.id)
  }

  @Mutation(() => LawfulDisclosurePayload, {
    description: 'Writes down what an authority wants to know about one reader. Nothing is released by it.',
  })
  @Access('ADMIN')
  async lawfulDisclosureRecord(
    @Ctx() context: ApiContext,
    @Arg('input', () => LawfulDisclosureInput) input: LawfulDisclosureInput,
  ): Promise<LawfulDisclosurePayload> {
    const { db, keyring, locale, staff } = context
    const reader = await byPublicId(db.manager, Reader, input.readerId)
    const errors = await lawfulDisclosureErrors(context, input)
    if (errors.length > 0) return refusal(...errors)
    const request = {
      readerId: reader.id,
      authority: input.authority.trim(),
      basis: input.basis.trim(),
      fileNumber: input.reference.trim(),
      scope: input.scope.trim(),
      tellNotBefore: input.tellNotBefore ?? null,
      silenceReason: input.silenceReason?.trim() || null,
      requestedById: staff?.id ?? 0,
    }
    const row = await audited(
      context,
      tx => recordLawfulDisclosure(tx, keyring, request),
      // Under its own number: what names the reader is in the reader's copy, and they may not be told yet.
      one =>
        one && { action: 'lawful.record', target: one.publicId, reason: `${one.authority}: ${one.basis}` },
    )
    if (!row) return refusal(new InputError(locale, ErrorCode.INVALID_STATE, ['input', 'readerId']))
    return { disclosure: lawfulDisclosureView(row), userErrors: [] }
  }

  @Mutation(() => LawfulDisclosurePayload, {
    description:
      'The yes of another admin, with a fresh password; whoever is the only one waits 24 hours. Opens the one download of the extract.',
  })
  @Access('ADMIN')
  async lawfulDisclosureApprove(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
  ): Promise<LawfulDisclosurePayload> {
    const { db, staff, locale } = context
    const { id: rowId, publicId } = await byPublicId(db.manager, LawfulDisclosure, id)
    const stale = await notFresh(context)
    if (stale) return refusal(stale)
    const approval = await audited(
      context,
      tx => approveLawfulDisclosure(tx, rowId, staff?.id ?? 0),
      outcome => approvalEntry(publicId, outcome),
    )
    const row = await db.manager.findOneByOrFail(LawfulDisclosure, { id: rowId })
    const code = refusals[approval.kind]
    const userErrors = code ? [new InputError(locale, code, ['id'])] : []
    return { disclosure: lawfulDisclosureView(row), userErrors }
  }

  @FieldResolver(() => Reader, { nullable: true, description: 'Null once nothing of them is left.' })
  reader(@Root() { row }: LawfulDisclosureView, @Ctx() { loaders }: ApiContext): Promise<Reader | undefined> {
    return loaders.reader.load(row.readerId)
  }

  @FieldResolver(() => String, { description: 'Who of staff wrote it down.' })
  async requestedBy(@Root() { row }: LawfulDisclosureView, @Ctx() context: ApiContext): Promise<string> {
    return (await staffName(context, row.requestedById)) ?? ''
  }

  @FieldResolver(() => String, { nullable: true })
  approvedBy(@Root() { row }: LawfulDisclosureView, @Ctx() context: ApiContext): Promise<string | null> {
    return staffName(context, row.approvedById)
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'POST there, as an admin with a fresh password, answers the extract: once, within 7 days of the approval. Null before and after.',
  })
  extractUrl(@Root() { row }: LawfulDisclosureView, @Ctx() { keyring, config }: ApiContext): string | null {
    if (!isOpenExtract(row, new Date()) || !keyring.derived(row.keyId, 'token:lawful-disclosure')) return null
    return new URL(`/lawful-disclosures/${extractTicket(keyring, row)}`, config.publicUrl).href
  }
}

const refusals = {
  approved: undefined,
  'approval-required': ErrorCode.APPROVAL_REQUIRED,
  'invalid-state': ErrorCode.INVALID_STATE,
} as const

const approvalEntry = (target: string, approval: Approval) =>
  approval.kind === 'approved'
    ? {
        action: 'lawful.approve' as const,
        target,
        reason: approval.isAlone ? 'No second person: a day later instead' : null,
      }
    : undefined

const refusal = (...userErrors: UserError[]): LawfulDisclosurePayload => ({ disclosure: null, userErrors })

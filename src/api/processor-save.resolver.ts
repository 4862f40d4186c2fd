import { Arg, Ctx, Field, ID, Mutation, ObjectType, Resolver } from 'type-graphql'
import { In } from 'typeorm'
import { Processor, ProcessorStatus } from '../entities/processor'
import { Purpose } from '../entities/purpose'
import { addAgreement, saveProcessor, setProcessorStatus } from '../privacy/processors'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { byPublicId, isPublicId } from './find'
import { AgreementInput, agreementErrors, ProcessorInput, processorErrors } from './processor.inputs'
import { ProcessorView } from './processor.types'
import { processorView } from './processor-view'
import { ErrorCode, InputError, UserError } from './user-errors'

@ObjectType()
export class ProcessorPayload {
  @Field(() => ProcessorView, { nullable: true })
  processor!: ProcessorView | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

@Resolver()
export class ProcessorSaveResolver {
  @Mutation(() => ProcessorPayload, {
    description: 'Adds one as a draft, or changes what it is and may be given.',
  })
  @Access('ADMIN')
  async processorSave(
    @Ctx() context: ApiContext,
    @Arg('input', () => ProcessorInput) input: ProcessorInput,
    @Arg('id', () => ID, { nullable: true }) id?: string | null,
  ): Promise<ProcessorPayload> {
    const errors = processorErrors(context, input)
    if (errors.length > 0) return refusal(...errors)
    const { manager } = context.db
    const known = id ? await byPublicId(manager, Processor, id) : undefined
    const purposeIds = await purposesOf(context, input.purposeIds)
    if (!purposeIds)
      return refusal(new InputError(context.locale, ErrorCode.NOT_FOUND, ['input', 'purposeIds']))
    const facts = {
      name: input.name.trim(),
      legalName: input.legalName.trim(),
      country: input.country,
      role: input.role.trim(),
      dataCategories: [...new Set(input.dataCategories)],
      privacyPolicyUrl: input.privacyPolicyUrl || null,
      serviceHost: input.serviceHost?.toLowerCase() || null,
      purposeIds,
    }
    const saved = await audited(
      context,
      tx => saveProcessor(tx, known?.id, facts),
      one => ({ action: 'processor.save', target: one.publicId, reason: one.name }),
    )
    return { processor: await processorView(context, saved), userErrors: [] }
  }

  @Mutation(() => ProcessorPayload, {
    description: 'What it signed. It stays: a new one follows an old one.',
  })
  @Access('ADMIN')
  async agreementAdd(
    @Ctx() context: ApiContext,
    @Arg('processorId', () => ID) processorId: string,
    @Arg('input', () => AgreementInput) input: AgreementInput,
  ): Promise<ProcessorPayload> {
    const errors = agreementErrors(context, input)
    if (errors.length > 0) return refusal(...errors)
    const processor = await byPublicId(context.db.manager, Processor, processorId)
    const facts = {
      kind: input.kind,
      signedAt: dayOf(input.signedAt),
      expiresAt: input.expiresAt ? dayOf(input.expiresAt) : null,
      documentHash: Buffer.from(input.documentHash, 'hex'),
    }
    await audited(
      context,
      tx => addAgreement(tx, processor.id, facts),
      one => ({ action: 'processor.agreement', target: processorId, reason: `${one.kind} ${one.signedAt}` }),
    )
    return { processor: await processorView(context, processor), userErrors: [] }
  }

  @Mutation(() => ProcessorPayload, {
    description:
      'ACTIVE needs an agreement that stands today; from the answer on nothing is passed in any other.',
  })
  @Access('ADMIN')
  async processorStatusSet(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) id: string,
    @Arg('status', () => ProcessorStatus) status: ProcessorStatus,
    @Arg('reason', () => String) reason: string,
  ): Promise<ProcessorPayload> {
    const { locale } = context
    if (reason.trim() === '') return refusal(new InputError(locale, ErrorCode.REQUIRED, ['reason']))
    const known = await byPublicId(context.db.manager, Processor, id)
    const saved = await audited(
      context,
      tx => setProcessorStatus(tx, known.id, status),
      one => one && { action: 'processor.status', target: id, reason: `${status}: ${reason}` },
    )
    if (!saved) return refusal(new InputError(locale, ErrorCode.INVALID_STATE, ['status']))
    return { processor: await processorView(context, saved), userErrors: [] }
  }
}

const refusal = (...userErrors: UserError[]): ProcessorPayload => ({ processor: null, userErrors })

const dayOf = (day: Date): string => day.toISOString().slice(0, 10)

/** Undefined when one of them is no purpose. */
async function purposesOf({ db }: ApiContext, publicIds: readonly string[]): Promise<number[] | undefined> {
  if (!publicIds.every(isPublicId)) return undefined
  const wanted = [...new Set(publicIds.map(id => id.toLowerCase()))]
  const found = await db.manager.findBy(Purpose, { publicId: In(wanted) })
  return found.length === wanted.length ? found.map(({ id }) => id) : undefined
}

import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql'
import { currentWords } from '../consent/purposes'
import { type SavedPurpose, savePurpose } from '../consent/save-purpose'
import { Purpose, PurposeKind } from '../entities/purpose'
import { isDuplicate } from '../transaction'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { ShownPurposeType, shownPurpose } from './purpose.types'
import { Locale } from './scalars'
import { ErrorCode, InputError, UserError } from './user-errors'

@InputType()
export class PurposeTextInput {
  @Field(() => Locale)
  locale!: string

  @Field(() => String)
  title!: string

  @Field(() => String)
  description!: string
}

@InputType()
export class PurposeInput {
  @Field(() => String, { description: 'What clients send back with a decision. It stays.' })
  key!: string

  @Field(() => PurposeKind, { description: 'Any but NEWSLETTER_TOPIC, which topicSave makes. It stays.' })
  kind!: PurposeKind

  @Field(() => [PurposeTextInput])
  texts!: PurposeTextInput[]
}

@ObjectType()
export class PurposePayload {
  @Field(() => ShownPurposeType, { nullable: true })
  purpose!: ShownPurposeType | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

const KEY = /^[a-z0-9]+([-:][a-z0-9]+)*$/
const MAX_KEY = 80
const MAX_TITLE = 100
const MAX_DESCRIPTION = 2000

@Resolver()
export class PurposeSaveResolver {
  @Mutation(() => PurposePayload, {
    description: 'New words are a new version; who had said yes to the old ones stays.',
  })
  @Access('ADMIN')
  async purposeSave(
    @Ctx() context: ApiContext,
    @Arg('input', () => PurposeInput) input: PurposeInput,
    @Arg('id', () => ID, { nullable: true }) id?: string | null,
  ): Promise<PurposePayload> {
    const errors = inputErrors(context, input)
    if (errors.length > 0) return { purpose: null, userErrors: errors }
    const known = id ? await byPublicId(context.db.manager, Purpose, id) : undefined
    const saved = await save(context, known?.id, input)
    if (saved.kind !== 'saved') {
      const code = saved.kind === 'is-topic' ? ErrorCode.INVALID_STATE : ErrorCode.INVALID
      const field = saved.kind === 'is-topic' ? ['id'] : ['input', saved.field]
      return { purpose: null, userErrors: [new InputError(context.locale, code, field)] }
    }
    return { purpose: await view(context, saved.purpose), userErrors: [] }
  }
}

async function save(
  context: ApiContext,
  id: number | undefined,
  { key, kind, texts }: PurposeInput,
): Promise<SavedPurpose> {
  const words = texts.map(text => ({ ...text, cadence: null }))
  try {
    return await audited(
      context,
      tx => savePurpose(tx, id, { key, kind, words }),
      one => (one.kind === 'saved' ? { action: 'purpose.save', target: one.purpose.publicId } : undefined),
    )
  } catch (error) {
    // Two new ones of the same key at once.
    if (isDuplicate(error)) return { kind: 'fixed', field: 'key' }
    throw error
  }
}

async function view({ db, locale, locales }: ApiContext, purpose: Purpose): Promise<ShownPurposeType | null> {
  const words = (await currentWords(db.manager, [purpose], locale, locales)).get(purpose.id)
  return words ? shownPurpose({ purpose, words }) : null
}

function inputErrors({ locale, locales }: ApiContext, { key, kind, texts }: PurposeInput): UserError[] {
  const problems: [isWrong: boolean, code: ErrorCode, ...field: string[]][] = [
    [!KEY.test(key), ErrorCode.INVALID, 'key'],
    [key.length > MAX_KEY, ErrorCode.TOO_LONG, 'key'],
    // Those are made with their topic, and would be taken for one.
    [key.startsWith('topic:'), ErrorCode.INVALID, 'key'],
    [kind === PurposeKind.NEWSLETTER_TOPIC, ErrorCode.INVALID, 'kind'],
    [texts.length === 0, ErrorCode.REQUIRED, 'texts'],
  ]
  for (const [index, text] of texts.entries()) {
    const at = (field: string): string[] => ['texts', String(index), field]
    const isRepeated = texts.slice(0, index).some(other => other.locale === text.locale)
    problems.push(
      [isRepeated || !locales.includes(text.locale), ErrorCode.INVALID, ...at('locale')],
      [text.title.trim() === '', ErrorCode.REQUIRED, ...at('title')],
      [text.title.length > MAX_TITLE, ErrorCode.TOO_LONG, ...at('title')],
      [text.description.length > MAX_DESCRIPTION, ErrorCode.TOO_LONG, ...at('description')],
    )
  }
  return problems
    .filter(([isWrong]) => isWrong)
    .map(([, code, ...field]) => new InputError(locale, code, ['input', ...field]))
}

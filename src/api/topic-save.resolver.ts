import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql'
import { Topic } from '../entities/topic'
import { saveTopic, type TopicDraft } from '../newsletters/save-topic'
import { Access } from './access'
import { audited } from './audited'
import type { ApiContext } from './context'
import { byPublicId } from './find'
import { Locale } from './scalars'
import { ErrorCode, InputError, UserError } from './user-errors'

@InputType()
export class TopicTextInput {
  @Field(() => Locale)
  locale!: string

  @Field(() => String)
  name!: string

  @Field(() => String)
  description!: string

  @Field(() => String, { description: 'How often, in words.' })
  cadence!: string
}

@InputType()
export class TopicInput {
  @Field(() => String)
  slug!: string

  @Field(() => [TopicTextInput])
  texts!: TopicTextInput[]

  @Field(() => Int, { description: 'The promise: at most this many issues …' })
  maxIssues!: number

  @Field(() => Int, { description: '… in any this many days.' })
  perDays!: number

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Declares for whom it is. One for children is refused: they cannot sign up.',
  })
  directedToChildren!: boolean
}

@ObjectType()
export class TopicPayload {
  @Field(() => Topic, { nullable: true })
  topic!: Topic | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/
const MAX_SLUG = 40

@Resolver()
export class TopicSaveResolver {
  @Mutation(() => TopicPayload, {
    description: 'New words are a new version of the purpose; earlier consents stay.',
  })
  @Access('ADMIN')
  async topicSave(
    @Ctx() context: ApiContext,
    @Arg('input', () => TopicInput) input: TopicInput,
    @Arg('id', () => ID, { nullable: true }) id?: string | null,
  ): Promise<TopicPayload> {
    const { db, locale } = context
    const errors = inputErrors(context, input)
    if (errors.length > 0) return { topic: null, userErrors: errors }
    const topic = id ? await byPublicId(db.manager, Topic, id) : undefined
    const saved = await audited(
      context,
      tx => saveTopic(tx, topic?.id, draftOf(input)),
      outcome =>
        outcome.kind === 'saved' ? { action: 'topic.save', target: outcome.topic.publicId } : undefined,
    )
    if (saved.kind === 'saved') return { topic: saved.topic, userErrors: [] }
    return { topic: null, userErrors: [new InputError(locale, ErrorCode.INVALID, ['input', 'slug'])] }
  }
}

const draftOf = ({ slug, maxIssues, perDays, texts }: TopicInput): TopicDraft => ({
  slug,
  maxIssues,
  perDays,
  words: texts.map(({ locale, name, description, cadence }) => ({
    locale,
    title: name,
    description,
    cadence,
  })),
})

type Problem = readonly [isWrong: boolean, code: ErrorCode, field: string[]]

function inputErrors({ locale, locales }: ApiContext, input: TopicInput): UserError[] {
  const problems: Problem[] = [
    [!SLUG.test(input.slug), ErrorCode.INVALID, ['slug']],
    [input.slug.length > MAX_SLUG, ErrorCode.TOO_LONG, ['slug']],
    [input.maxIssues < 1 || input.maxIssues > 100, ErrorCode.INVALID, ['maxIssues']],
    [input.perDays < 1 || input.perDays > 366, ErrorCode.INVALID, ['perDays']],
    [input.directedToChildren, ErrorCode.NOT_ELIGIBLE, ['directedToChildren']],
    [input.texts.length === 0, ErrorCode.REQUIRED, ['texts']],
    ...input.texts.flatMap((text, index) =>
      textProblems(text, input.texts.slice(0, index), locales, String(index)),
    ),
  ]
  return problems
    .filter(([isWrong]) => isWrong)
    .map(([, code, field]) => new InputError(locale, code, ['input', ...field]))
}

function textProblems(
  text: TopicTextInput,
  earlier: readonly TopicTextInput[],
  locales: readonly string[],
  index: string,
): Problem[] {
  const at = (field: string) => ['texts', index, field]
  const isRepeated = earlier.some(other => other.locale === text.locale)
  return [
    [isRepeated || !locales.includes(text.locale), ErrorCode.INVALID, at('locale')],
    [text.name.trim() === '', ErrorCode.REQUIRED, at('name')],
    [text.name.length > 100, ErrorCode.TOO_LONG, at('name')],
    [text.description.length > 2000, ErrorCode.TOO_LONG, at('description')],
    [text.cadence.length > 200, ErrorCode.TOO_LONG, at('cadence')],
  ]
}

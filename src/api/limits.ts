// How large an operation may be, whoever sends it. What it may cost is in cost.ts.
import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases'
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth'
import { maxDirectivesRule } from '@escape.tech/graphql-armor-max-directives'
import {
  type ASTVisitor,
  type GraphQLError,
  Kind,
  type SelectionNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'
import { MAX_PAGE } from './connection'
import { LimitError } from './errors'

export interface Limits {
  tokens: number
  /** Levels of fields, fragments unfolded. */
  depth: number
  aliases: number
  directives: number
  /** How often the same field may stand in one selection set. */
  repeats: number
  /** Fields in all, with every fragment counted as often as it is used. */
  selections: number
}

export const publicLimits: Limits = {
  tokens: 300,
  depth: 7,
  aliases: 5,
  directives: 5,
  repeats: 3,
  selections: 300,
}
/** A console asks for more at once than a reader's page. */
export const staffLimits: Limits = {
  tokens: 800,
  depth: 8,
  aliases: 10,
  directives: 10,
  repeats: 5,
  selections: 800,
}

/** No name of ours is longer; names come back in paths and messages. */
const MAX_NAME = 64
/** Of an answer. */
export const MAX_ERRORS = 5

/** The rules of an endpoint, to be added to those of GraphQL; tokens are counted by the parser. */
export const limitRules = (limits: Limits): ValidationRule[] => [
  counted(maxAliasesRule, limits.aliases, 'aliases', { allowList: [] }),
  counted(maxDepthRule, limits.depth, 'levels', { flattenFragments: true }),
  counted(maxDirectivesRule, limits.directives, 'directives'),
  repeatsRule(limits.repeats),
  valuesRule,
]

interface ArmorOptions {
  n: number
  propagateOnRejection: boolean
  onReject: ((context: ValidationContext | null, error: GraphQLError) => void)[]
}

/** As they come these rules throw, which Apollo answers with 500; reported, it is a 400. */
function counted<Extra extends object>(
  rule: (options: ArmorOptions & Extra) => (context: ValidationContext) => object,
  n: number,
  what: string,
  extra?: Extra,
): ValidationRule {
  const onReject: ArmorOptions['onReject'] = [
    context => context?.reportError(new LimitError(`At most ${n} ${what} an operation.`)),
  ]
  return rule({ n, propagateOnRejection: false, onReject, ...(extra as Extra) }) as ValidationRule
}

/** The same field, fragment or type condition over and over in one selection set, under aliases or without. */
const repeatsRule =
  (most: number): ValidationRule =>
  context => ({
    SelectionSet({ selections }) {
      const seen = new Map<string, number>()
      for (const selection of selections) {
        const key = keyOf(selection)
        const times = (seen.get(key) ?? 0) + 1
        seen.set(key, times)
        if (times === most + 1)
          context.reportError(new LimitError(`The same selection at most ${most} times in one place.`))
      }
    },
  })

function keyOf(selection: SelectionNode): string {
  if (selection.kind === Kind.INLINE_FRAGMENT) return `on ${selection.typeCondition?.name.value ?? ''}`
  return `${selection.kind} ${selection.name.value}`
}

const valuesRule: ValidationRule = (context): ASTVisitor => ({
  Name({ value }) {
    if (value.length > MAX_NAME)
      context.reportError(new LimitError(`Names have at most ${MAX_NAME} characters.`))
  },
  ListValue({ values }) {
    if (values.length > MAX_PAGE) context.reportError(new LimitError(tooLong))
  },
})

const tooLong = `Lists have at most ${MAX_PAGE} items.`

/** Throws LimitError when a list anywhere in the variables is too long. */
export function mustHaveShortLists(variables: unknown): void {
  const open = [variables]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null) continue
    if (Array.isArray(value) && value.length > MAX_PAGE) throw new LimitError(tooLong)
    for (const part of Object.values(value)) open.push(part)
  }
}

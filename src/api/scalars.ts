// Strong types at the border: what does not parse is refused before a resolver sees it.
import { GraphQLDateTime, GraphQLLocale, GraphQLTimeZone } from 'graphql-scalars'

export const DateTime = GraphQLDateTime
export const Locale = GraphQLLocale
export const TimeZone = GraphQLTimeZone

// Strong types at the border: what does not parse is refused before a resolver sees it.
import { GraphQLDate, GraphQLDateTime, GraphQLLocale, GraphQLTimeZone } from 'graphql-scalars'

export const DateTime = GraphQLDateTime
/** A day; a `Date` in code, at midnight UTC. */
export const Day = GraphQLDate
export const Locale = GraphQLLocale
export const TimeZone = GraphQLTimeZone

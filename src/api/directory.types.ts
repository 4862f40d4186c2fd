import { Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import { type DirectoryLink, LinkStatus } from '../entities/directory-link'
import { FeedbackKind } from '../entities/link-feedback'
import { connectionOf } from './connection'
import { ProcessorView } from './processor.types'
import { Day } from './scalars'
import { UserError } from './user-errors'

@ObjectType()
export class FeedbackCount {
  @Field(() => FeedbackKind)
  kind!: FeedbackKind

  @Field(() => Int)
  count!: number
}

@ObjectType('LinkComment', { description: 'What somebody wrote; who is not known.' })
export class LinkCommentView {
  @Field(() => Day)
  day!: Date

  @Field(() => FeedbackKind)
  kind!: FeedbackKind

  @Field(() => String)
  comment!: string
}

@ObjectType('DirectoryLink', { description: 'A link to a site of somebody else.' })
export class DirectoryLinkView {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  title!: string

  @Field(() => String, { description: 'The host in ASCII: what only looks like another name shows.' })
  url!: string

  @Field(() => String)
  description!: string

  @Field(() => String)
  category!: string

  @Field(() => ProcessorView, {
    nullable: true,
    description: 'The third party of the registry it belongs to.',
  })
  processor!: ProcessorView | null

  @Field(() => LinkStatus)
  status!: LinkStatus

  @Field(() => Date, { nullable: true, description: 'When it was last looked at whether its site answers.' })
  lastCheckedAt!: Date | null

  /** For the fields that are looked up. */
  row!: DirectoryLink
}
export const DirectoryLinkConnection = connectionOf(DirectoryLinkView, 'DirectoryLink')

@ObjectType()
export class DirectoryLinkPayload {
  @Field(() => DirectoryLinkView, { nullable: true })
  link!: DirectoryLinkView | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

@InputType()
export class DirectoryLinkInput {
  @Field(() => String)
  title!: string

  @Field(() => String, {
    description: 'http or https with a host name; no user name, no port, none of the site’s own hosts.',
  })
  url!: string

  @Field(() => String)
  description!: string

  @Field(() => String)
  category!: string

  @Field(() => ID, {
    nullable: true,
    description: 'The third party of the registry it belongs to.',
  })
  processorId?: string | null
}

@InputType({ description: 'No place for who says it. E-mail addresses in the comment are masked.' })
export class LinkFeedbackInput {
  @Field(() => ID)
  linkId!: string

  @Field(() => FeedbackKind)
  kind!: FeedbackKind

  @Field(() => String, { nullable: true, description: 'At most 500 characters.' })
  comment?: string | null
}

import { Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import type { Rendered } from '../mail/render'
import { Locale } from './scalars'

@ObjectType()
export class MjmlIssue {
  @Field(() => Int, { nullable: true })
  line!: number | null

  @Field(() => String)
  message!: string

  @Field(() => String, { nullable: true })
  tag!: string | null
}

@ObjectType()
export class RenderedPreview {
  @Field(() => String)
  subject!: string

  @Field(() => String, { nullable: true })
  preheader!: string | null

  @Field(() => String)
  html!: string

  @Field(() => String)
  text!: string

  @Field(() => Int)
  htmlBytes!: number

  @Field(() => Boolean, { description: 'Gmail cuts mails near 102 kB.' })
  clippedByGmail!: boolean

  @Field(() => [MjmlIssue], { description: 'What stands in the way of sending; empty when all is well.' })
  issues!: MjmlIssue[]
}

@InputType()
export class MjmlRenderInput {
  @Field(() => String)
  mjml!: string

  @Field(() => String)
  subject!: string

  @Field(() => String, { nullable: true })
  preheader?: string | null

  @Field(() => Locale, { nullable: true })
  locale?: string | null
}

@InputType()
export class AudienceInput {
  @Field(() => ID)
  topicId!: string
}

const GMAIL_CLIPS_AT = 102_000

/** The preview of a rendered mail; an unknown tag is an issue of its own. */
export const previewOf = (rendered: Rendered): RenderedPreview => ({
  subject: rendered.subject,
  preheader: rendered.preheader || null,
  html: rendered.html,
  text: rendered.text,
  htmlBytes: rendered.htmlBytes,
  clippedByGmail: rendered.htmlBytes > GMAIL_CLIPS_AT,
  issues: [
    ...rendered.issues.map(issue => ({
      line: issue.line ?? null,
      message: issue.message,
      tag: issue.tag ?? null,
    })),
    ...rendered.unknownTags.map(tag => ({ line: null, message: `Unknown merge tag {{${tag}}}`, tag })),
  ],
})

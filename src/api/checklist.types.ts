import { Field, ObjectType, registerEnumType } from 'type-graphql'

export enum CheckSeverity {
  BLOCKER = 'BLOCKER',
  WARNING = 'WARNING',
  INFO = 'INFO',
}
registerEnumType(CheckSeverity, { name: 'CheckSeverity' })

export enum CheckStatus {
  PASS = 'PASS',
  FAIL = 'FAIL',
  PENDING = 'PENDING',
}
registerEnumType(CheckStatus, { name: 'CheckStatus' })

@ObjectType()
export class ChecklistItem {
  @Field(() => String)
  key!: string

  @Field(() => CheckSeverity)
  severity!: keyof typeof CheckSeverity

  @Field(() => CheckStatus)
  status!: keyof typeof CheckStatus

  @Field(() => String)
  title!: string

  @Field(() => String, { nullable: true })
  detail!: string | null

  @Field(() => String, { nullable: true })
  fixPath!: string | null
}

@ObjectType()
export class Checklist {
  @Field(() => Boolean)
  ready!: boolean

  @Field(() => [ChecklistItem])
  items!: ChecklistItem[]

  @Field(() => String)
  contentHash!: string
}

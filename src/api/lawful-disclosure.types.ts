import { Field, ID, InputType, ObjectType } from 'type-graphql'
import type { LawfulDisclosure } from '../entities/lawful-disclosure'
import { connectionOf } from './connection'
import { UserError } from './user-errors'

@ObjectType('LawfulDisclosure', {
  description: 'What an authority asked about one reader, and what became of it.',
})
export class LawfulDisclosureView {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  authority!: string

  @Field(() => String)
  basis!: string

  @Field(() => String, { description: 'Under what the authority files it.' })
  reference!: string

  @Field(() => String, { description: 'What they want to know; empty once the reader is erased.' })
  scope!: string

  @Field(() => Date)
  at!: Date

  @Field(() => Date, { nullable: true })
  approvedAt!: Date | null

  @Field(() => Date, { nullable: true })
  handedOutAt!: Date | null

  @Field(() => String, { nullable: true, description: 'SHA-256 of the file that was handed out, in hex.' })
  extractHash!: string | null

  @Field(() => Date, { nullable: true, description: 'The reader is not told before. Null: at once.' })
  tellNotBefore!: Date | null

  @Field(() => String, { nullable: true, description: 'Why not at once.' })
  silenceReason!: string | null

  @Field(() => Date, { nullable: true, description: 'When the mail to the reader was written.' })
  toldAt!: Date | null

  /** For the fields that are looked up. */
  row!: LawfulDisclosure
}
export const LawfulDisclosureConnection = connectionOf(LawfulDisclosureView, 'LawfulDisclosure')

export const lawfulDisclosureView = (row: LawfulDisclosure): LawfulDisclosureView => ({
  id: row.publicId,
  authority: row.authority,
  basis: row.basis,
  reference: row.fileNumber,
  scope: row.scope ?? '',
  at: row.requestedAt,
  approvedAt: row.approvedAt,
  handedOutAt: row.handedOutAt,
  extractHash: row.extractHash?.toString('hex') ?? null,
  tellNotBefore: row.tellNotBefore,
  silenceReason: row.silenceReason,
  toldAt: row.toldAt,
  row,
})

@ObjectType()
export class LawfulDisclosurePayload {
  @Field(() => LawfulDisclosureView, { nullable: true })
  disclosure!: LawfulDisclosureView | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

@InputType({ description: 'One reader. No e-mail addresses in the words: they are masked.' })
export class LawfulDisclosureInput {
  @Field(() => ID)
  readerId!: string

  @Field(() => String, { description: 'Who asks.' })
  authority!: string

  @Field(() => String, { description: 'The law or right it is released under.' })
  basis!: string

  @Field(() => String, { description: 'Under what the authority files it.' })
  reference!: string

  @Field(() => String, { description: 'What they want to know.' })
  scope!: string

  @Field(() => Date, {
    nullable: true,
    description: 'Only where the law forbids to tell the reader at once: from when on they are told.',
  })
  tellNotBefore?: Date | null

  @Field(() => String, { nullable: true, description: 'Why not at once; with `tellNotBefore` alone.' })
  silenceReason?: string | null
}

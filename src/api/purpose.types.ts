import { Field, ID, Int, ObjectType } from 'type-graphql'
import type { ShownPurpose } from '../consent/purposes'
import { PurposeKind } from '../entities/purpose'
import type { Loaders } from './loaders'

/** A purpose as it is shown: its key and version go back with a decision. */
@ObjectType('Purpose')
export class ShownPurposeType {
  @Field(() => ID)
  id!: string

  @Field(() => String)
  key!: string

  @Field(() => PurposeKind)
  kind!: PurposeKind

  @Field(() => String)
  title!: string

  @Field(() => String)
  description!: string

  @Field(() => Int)
  version!: number

  purposeId!: number
  locale!: string
}

/** The purpose in its current words. */
export async function purposeView(loaders: Loaders, id: number, locale: string): Promise<ShownPurposeType> {
  const shown = await loaders.purpose.load({ id, locale })
  if (!shown) throw new Error('A purpose without words')
  return shownPurpose(shown)
}

export const shownPurpose = ({ purpose, words }: ShownPurpose): ShownPurposeType => ({
  id: purpose.publicId,
  key: purpose.key,
  kind: purpose.kind,
  title: words.title,
  description: words.description,
  version: words.version,
  purposeId: purpose.id,
  locale: words.locale,
})

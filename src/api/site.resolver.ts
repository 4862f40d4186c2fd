import { Arg, Ctx, Field, FieldResolver, ObjectType, Query, Resolver } from 'type-graphql'
import { policyVersion } from '../consent/policies'
import { shownPurposes } from '../consent/purposes'
import { PolicyVersion } from '../entities/policy-version'
import { Access } from './access'
import type { ApiContext } from './context'
import { ShownPurposeType, shownPurpose } from './purpose.types'
import { Locale } from './scalars'

@ObjectType('Site')
export class SiteFacts {
  @Field(() => String)
  name!: string

  @Field(() => [Locale])
  locales!: string[]

  @Field(() => Locale)
  defaultLocale!: string

  @Field(() => Boolean)
  asksBirthMonth!: boolean

  @Field(() => String)
  contact!: string

  @Field(() => Boolean, {
    description: 'Whether presses on links of newsletters are counted, of readers with a yes to that.',
  })
  countsClicks!: boolean
}

@Resolver(() => SiteFacts)
export class SiteResolver {
  @Query(() => SiteFacts)
  @Access('ANYONE', 'readers:register')
  site(@Ctx() { site, locales }: ApiContext): SiteFacts {
    const { name, contact, countsClicks } = site
    return { name, contact, countsClicks, locales, defaultLocale: locales[0] ?? 'en', asksBirthMonth: true }
  }

  @FieldResolver(() => PolicyVersion)
  async policy(
    @Ctx() { db, locales, locale }: ApiContext,
    @Arg('locale', () => Locale, { nullable: true }) wanted?: string,
  ): Promise<PolicyVersion | undefined> {
    return policyVersion(db.manager, undefined, wanted ?? locale, locales)
  }

  @FieldResolver(() => [ShownPurposeType])
  async purposes(@Ctx() { db, locales, locale }: ApiContext): Promise<ShownPurposeType[]> {
    return (await shownPurposes(db.manager, locale, locales)).map(shownPurpose)
  }
}

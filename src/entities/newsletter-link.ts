import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/** A link of a newsletter whose presses may be counted, kept when sending starts: `/r/ID` leads here and nowhere else. */
@Entity('newsletter_link')
@Index('IDX_newsletter_link_newsletter', ['newsletterId'])
export class NewsletterLink {
  /** Random, the same for all readers of the newsletter. */
  @PrimaryColumn('varchar', { length: 12 })
  id!: string

  @Column('int', { unsigned: true })
  newsletterId!: number

  /** As it stands in the newsletter. */
  @Column('varchar', { length: 2000 })
  url!: string
}

import { Column, Entity, PrimaryColumn } from 'typeorm'

/** The frozen, rendered mail of one locale: made once when sending starts, the same for every worker. */
@Entity('newsletter_rendition')
export class NewsletterRendition {
  @PrimaryColumn('int', { unsigned: true })
  newsletterId!: number

  @PrimaryColumn('varchar', { length: 20 })
  locale!: string

  @Column('varchar', { length: 200 })
  subject!: string

  @Column('varchar', { length: 200, nullable: true })
  preheader!: string | null

  /** With its merge tags still in it; the values are filled in per reader. */
  @Column('mediumtext')
  html!: string

  @Column('mediumtext')
  text!: string
}

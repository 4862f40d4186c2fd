import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm'
import { Newsletter } from './newsletter'

/** What an author wrote, one row a locale. */
@Entity('newsletter_content')
export class NewsletterContent {
  @PrimaryColumn('int', { unsigned: true })
  newsletterId!: number

  @ManyToOne(() => Newsletter, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'newsletter_id', foreignKeyConstraintName: 'FK_newsletter_content_newsletter' })
  newsletter?: Relation<Newsletter>

  @PrimaryColumn('varchar', { length: 20 })
  locale!: string

  @Column('varchar', { length: 200 })
  subject!: string

  @Column('varchar', { length: 200, nullable: true })
  preheader!: string | null

  @Column('mediumtext')
  mjml!: string

  /** Empty while the text part is generated from the HTML. */
  @Column('mediumtext')
  text!: string
}

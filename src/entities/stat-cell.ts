import { registerEnumType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'

export enum StatMetric {
  PAGE_VIEW = 'PAGE_VIEW',
  VISIT = 'VISIT',
  ARCHIVE_VIEW = 'ARCHIVE_VIEW',
  AD_IMPRESSION = 'AD_IMPRESSION',
  AD_CLICK = 'AD_CLICK',
  /** Of a newsletter: only `/r/…` counts it. */
  LINK_CLICK = 'LINK_CLICK',
}
registerEnumType(StatMetric, { name: 'StatMetric' })

/** How many people did one thing on one day: a number and nothing about any of them. */
@Entity('stat_cell')
export class StatCell {
  /** UTC. */
  @PrimaryColumn('date')
  day!: string

  @PrimaryColumn('enum', { enum: StatMetric })
  metric!: StatMetric

  /** A path of the site without its query, the place of an advertisement or a link of a newsletter; empty for visits. */
  @PrimaryColumn('varchar', { length: 200 })
  label!: string

  @Column('int', { unsigned: true })
  people!: number
}

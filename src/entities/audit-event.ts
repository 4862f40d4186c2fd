import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

const act = {
  what: 'who of staff did what, when and why, under random numbers',
  why: 'to answer for what was done',
  kept: 'AUDIT',
} as const

/** One append-only fact: who of staff changed what, when and why. It holds ids, never a name or an address. */
@AboutReader({ column: 'target', by: 'publicId' })
@Entity('audit_event')
@Index('UQ_audit_event_public', ['publicId'], { unique: true })
export class AuditEvent {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  @Personal(act)
  @Column('datetime', { precision: 3 })
  at!: Date

  /** `staff:` and the public id, or `operator` for the command line. */
  @Personal(act)
  @Column('varchar', { length: 60 })
  actor!: string

  /** The role the act was done in. */
  @Personal(act)
  @Column('varchar', { length: 12 })
  role!: string

  @Personal(act)
  @Column('varchar', { length: 40 })
  action!: string

  /** Public id of what was changed. */
  @Personal(act)
  @Column('varchar', { length: 60, nullable: true })
  target!: string | null

  @Personal(act)
  @Column('varchar', { length: 500, nullable: true })
  reason!: string | null

  /** The request it came with; null for the command line. */
  @Personal(act)
  @Column('uuid', { nullable: true })
  requestId!: string | null
}

import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

/** One append-only fact: who of staff changed what, when and why. It holds ids, never a name or an address. */
@Entity('audit_event')
@Index('UQ_audit_event_public', ['publicId'], { unique: true })
export class AuditEvent {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id!: number

  @Column('uuid')
  publicId!: string

  @Column('datetime', { precision: 3 })
  at!: Date

  /** `staff:` and the public id, or `operator` for the command line. */
  @Column('varchar', { length: 60 })
  actor!: string

  /** The role the act was done in. */
  @Column('varchar', { length: 12 })
  role!: string

  @Column('varchar', { length: 40 })
  action!: string

  /** Public id of what was changed. */
  @Column('varchar', { length: 60, nullable: true })
  target!: string | null

  @Column('varchar', { length: 500, nullable: true })
  reason!: string | null

  /** The request it came with; null for the command line. */
  @Column('uuid', { nullable: true })
  requestId!: string | null
}

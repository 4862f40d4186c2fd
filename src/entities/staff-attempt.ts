import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/** How often somebody guessed at one thing (an account, from one address, a second factor) in the present window. */
@Entity('staff_attempt')
@Index('IX_staff_attempt_since', ['since'])
export class StaffAttempt {
  /** Keyed hash: it names nobody. */
  @PrimaryColumn('binary', { length: 32 })
  subject!: Buffer

  @Column('int', { unsigned: true })
  attempts!: number

  @Column('datetime', { precision: 3 })
  since!: Date
}

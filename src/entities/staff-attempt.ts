import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { Personal } from './personal'

const guesses = {
  what: 'wrong passwords and codes, counted by account and network (as keyed hashes)',
  why: 'to stop guessing',
  kept: 'ATTEMPT',
} as const

/** How often somebody guessed at one thing (an account, from one address, a second factor) in the present window. */
@Entity('staff_attempt')
@Index('IX_staff_attempt_since', ['since'])
export class StaffAttempt {
  /** Keyed hash: it names nobody. */
  @Personal(guesses)
  @PrimaryColumn('binary', { length: 32 })
  subject!: Buffer

  @Personal(guesses)
  @Column('int', { unsigned: true })
  attempts!: number

  @Personal(guesses)
  @Column('datetime', { precision: 3 })
  since!: Date
}

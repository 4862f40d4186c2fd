import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'

/** Stands where all events of one reader were deleted because the law asked for it. Signed before the deletion. */
@Entity('tombstone')
@Index('UQ_tombstone_principal', ['principal'], { unique: true })
export class Tombstone {
  @PrimaryGeneratedColumn({ type: 'int', unsigned: true })
  id!: number

  /** Whose events they were: a random id that now leads nowhere. */
  @Column('uuid')
  principal!: string

  /** Canonical JSON: what was deleted, on which basis, who did it, when. */
  @Column('varchar', { length: 600 })
  body!: string

  @Column('binary', { length: 64 })
  signature!: Buffer
}

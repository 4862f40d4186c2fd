import { Column, Entity, PrimaryColumn } from 'typeorm'

/**
 * What holds for every consent besides the words of its purpose: who the controller is, the law, how long, which rights.
 * A document of canonical JSON, named by its SHA-256, never changed.
 */
@Entity('consent_terms')
export class ConsentTerms {
  @PrimaryColumn('binary', { length: 32 })
  hash!: Buffer

  @Column('text')
  document!: string

  @Column('datetime', { precision: 3 })
  createdAt!: Date
}

import { registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { AboutReader, Personal } from './personal'

/** DPV 2.3 names, as stored. Only the first two allow mail. */
export const consentStates = [
  'ConsentGiven',
  'RenewedConsentGiven',
  'ConsentUnknown',
  'ConsentRequested',
  'ConsentRequestDeferred',
  'ConsentRefused',
  'ConsentWithdrawn',
  'ConsentRevoked',
  'ConsentExpired',
  'ConsentInvalidated',
] as const
export type ConsentState = (typeof consentStates)[number]

/** What clients see. */
export enum ConsentStatus {
  NOT_ASKED = 'NOT_ASKED',
  PENDING = 'PENDING',
  GRANTED = 'GRANTED',
  REFUSED = 'REFUSED',
  WITHDRAWN = 'WITHDRAWN',
  EXPIRED = 'EXPIRED',
  RECONSENT_REQUIRED = 'RECONSENT_REQUIRED',
}
registerEnumType(ConsentStatus, { name: 'ConsentStatus' })

/** The reader's own choice for a topic; its promise is the least that holds. */
export enum Frequency {
  EVERY_ISSUE = 'EVERY_ISSUE',
  AT_MOST_WEEKLY = 'AT_MOST_WEEKLY',
  AT_MOST_MONTHLY = 'AT_MOST_MONTHLY',
}
registerEnumType(Frequency, { name: 'Frequency' })

const choice = {
  what: 'what the person said yes or no to, when, and to which words',
  why: 'to send only what was agreed to',
  kept: 'WHILE_READER',
} as const
const wish = {
  what: 'how often the person wants mail',
  why: 'to send no more often',
  kept: 'WHILE_READER',
} as const

/** The current state per purpose and reader: a projection of the consent events. No row means no. */
@AboutReader({ column: 'readerId', by: 'id' })
@Entity('consent')
@Index('IX_consent_reader', ['readerId'])
export class Consent {
  /** First in the key: a newsletter's audience is one key range. */
  @Personal(choice)
  @PrimaryColumn('int', { unsigned: true })
  purposeId!: number

  @PrimaryColumn('int', { unsigned: true })
  readerId!: number

  @Personal(choice)
  @Column('enum', { enum: consentStates })
  state!: ConsentState

  @Personal(choice)
  @Column('int', { unsigned: true })
  purposeVersionId!: number

  @Personal(choice)
  @Column('int', { unsigned: true })
  policyVersionId!: number

  /** Copy of the policy's number, compared with the last material one at the gate. */
  @Personal(choice)
  @Column('int', { unsigned: true })
  policyNumber!: number

  @Personal(choice)
  @Column('datetime', { precision: 3 })
  changedAt!: Date

  /** Since when consent stands or stood without a break; null if it never did. */
  @Personal(choice)
  @Column('datetime', { precision: 3, nullable: true })
  givenAt!: Date | null

  /** When it stopped standing by an event; null while it stands. */
  @Personal(choice)
  @Column('datetime', { precision: 3, nullable: true })
  endedAt!: Date | null

  @Personal(choice)
  @Column('datetime', { precision: 3, nullable: true })
  expiresAt!: Date | null

  @Personal(wish)
  @Column('enum', { enum: Frequency, default: Frequency.EVERY_ISSUE })
  frequency!: Frequency
}

import { registerEnumType } from 'type-graphql'
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm'
import { type ConsentState, consentStates } from './consent'
import { AboutReader, Personal } from './personal'

export enum ConsentSurface {
  WEB_FORM = 'WEB_FORM',
  MOBILE_APP = 'MOBILE_APP',
  COOKIE_BANNER = 'COOKIE_BANNER',
  COOKIE_PAGE = 'COOKIE_PAGE',
  PREFERENCE_PAGE = 'PREFERENCE_PAGE',
  CONFIRM_PAGE = 'CONFIRM_PAGE',
  ONE_CLICK_HEADER = 'ONE_CLICK_HEADER',
  STAFF = 'STAFF',
  IMPORT = 'IMPORT',
  SYSTEM = 'SYSTEM',
}
registerEnumType(ConsentSurface, { name: 'ConsentSurface' })

export enum ConsentMethod {
  ACCEPT_ALL = 'ACCEPT_ALL',
  REJECT_ALL = 'REJECT_ALL',
  SAVE_CHOICES = 'SAVE_CHOICES',
  SINGLE_TOGGLE = 'SINGLE_TOGGLE',
  CONFIRM_LINK = 'CONFIRM_LINK',
  ONE_CLICK = 'ONE_CLICK',
  BROWSER_SIGNAL = 'BROWSER_SIGNAL',
  COMPLAINT = 'COMPLAINT',
  EXPIRY = 'EXPIRY',
}
registerEnumType(ConsentMethod, { name: 'ConsentMethod' })

const proof = {
  what: 'each yes and no with its words, time and way, under a random number',
  why: 'to prove consent, which the law asks for',
  kept: 'CONSENT_PROOF',
} as const

/**
 * One append-only fact: which reader, which purpose, from what to what, which words, how, when. It holds no personal
 * value. Each reader's events form a SHA-256 chain from position 1 on (consent/ledger).
 */
@AboutReader({ column: 'principal', by: 'publicId' })
@Entity('consent_event')
@Index('UQ_consent_event_public', ['publicId'], { unique: true })
@Index('UQ_consent_event_chain', ['principal', 'position'], { unique: true })
export class ConsentEvent {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  id!: string

  @Column('uuid')
  publicId!: string

  /** The reader's random public id. */
  @Personal(proof)
  @Column('uuid')
  principal!: string

  @Column('int', { unsigned: true })
  position!: number

  @Column('binary', { length: 32 })
  previousHash!: Buffer

  @Column('binary', { length: 32 })
  hash!: Buffer

  /** Which set and order of fields the hash covers. */
  @Column('tinyint', { unsigned: true })
  recordVersion!: number

  @Personal(proof)
  @Column('int', { unsigned: true })
  purposeId!: number

  @Personal(proof)
  @Column('enum', { enum: consentStates })
  fromState!: ConsentState

  @Personal(proof)
  @Column('enum', { enum: consentStates })
  toState!: ConsentState

  @Personal(proof)
  @Column('int', { unsigned: true })
  purposeVersionId!: number

  @Personal(proof)
  @Column('binary', { length: 32 })
  wordingHash!: Buffer

  @Personal(proof)
  @Column('int', { unsigned: true })
  policyVersionId!: number

  @Personal(proof)
  @Column('binary', { length: 32 })
  policyHash!: Buffer

  @Personal(proof)
  @Column('enum', { enum: ConsentSurface })
  surface!: ConsentSurface

  @Personal(proof)
  @Column('enum', { enum: ConsentMethod })
  method!: ConsentMethod

  /** What was promised around it (consent_terms); null in record version 1. */
  @Column('binary', { length: 32, nullable: true })
  termsHash!: Buffer | null

  /** Who acted: READER, a staff role, or SYSTEM for the passing of time. */
  @Personal(proof)
  @Column('varchar', { length: 12 })
  actor!: string

  @Personal(proof)
  @Column('datetime', { precision: 3 })
  at!: Date

  /** JSON with hashes and codes only, e.g. the confirm link's and mail's fingerprints, the age limit passed. */
  @Personal(proof)
  @Column('varchar', { length: 1000 })
  evidence!: string
}

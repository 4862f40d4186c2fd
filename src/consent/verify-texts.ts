// The texts that events name: each is what its hash says, and each event names one that exists.
import type { EntityManager } from 'typeorm'
import type { ConsentEvent } from '../entities/consent-event'
import { ConsentTerms } from '../entities/consent-terms'
import { PolicyVersion } from '../entities/policy-version'
import { PurposeVersion } from '../entities/purpose-version'
import type { Findings } from './findings'
import { hashOfPolicy } from './policies'
import { hashOfWording } from './purposes'
import { hashOfTerms } from './terms'

/** Every text there is: they are few. */
export class Texts {
  private readonly wordings = new Map<number, PurposeVersion>()
  private readonly policies = new Map<number, PolicyVersion>()
  private readonly terms = new Set<string>()

  constructor(
    private readonly db: EntityManager,
    private readonly findings: Findings,
  ) {}

  /** Reads what was published since, when one of these events names it. */
  async know(events: readonly ConsentEvent[]): Promise<void> {
    if (!events.every(event => this.isKnown(event))) await this.read()
  }

  /** Undefined: the words, policy and terms of the event are there, with the hashes it names. */
  problemOf(event: ConsentEvent): string | undefined {
    const words = this.wordings.get(event.purposeVersionId)
    if (words?.purposeId !== event.purposeId || !words.wordingHash.equals(event.wordingHash))
      return 'names words that are not there'
    if (!this.policies.get(event.policyVersionId)?.hash.equals(event.policyHash))
      return 'names a policy that is not there'
    if (event.recordVersion === 1 && event.termsHash) return 'names terms that its hash does not cover'
    return this.isKnown(event) ? undefined : 'names terms that are not there'
  }

  policyNumber(id: number): number {
    return this.policies.get(id)?.number ?? 0
  }

  private isKnown({ purposeVersionId, policyVersionId, recordVersion, termsHash }: ConsentEvent): boolean {
    const hasTerms = recordVersion === 1 || this.terms.has(termsHash?.toString('hex') ?? '')
    return this.wordings.has(purposeVersionId) && this.policies.has(policyVersionId) && hasTerms
  }

  private async read(): Promise<void> {
    for (const one of await this.db.find(PurposeVersion))
      this.take(
        one.id,
        one,
        this.wordings,
        one.wordingHash.equals(hashOfWording(one)),
        'the words of purpose version',
      )
    for (const one of await this.db.find(PolicyVersion))
      this.take(one.id, one, this.policies, one.hash.equals(hashOfPolicy(one)), 'the text of policy version')
    for (const { hash, document } of await this.db.find(ConsentTerms)) {
      if (hash.equals(hashOfTerms(document))) this.terms.add(hash.toString('hex'))
    }
  }

  private take<T>(id: number, one: T, known: Map<number, T>, isWhole: boolean, what: string): void {
    if (!isWhole && !known.has(id)) this.findings.add({ what: `${what} ${id} was changed` })
    known.set(id, one)
  }
}

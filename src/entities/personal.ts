// What is personal in the tables, said where each column is. Export, erasure, retention, the record of processing and the
// published retention page are made from these declarations.

/** How long something may be kept: each has its period, and the rule that ends it, in privacy/retention. */
export const keepings = [
  /** Until the person asks for erasure. */
  'WHILE_READER',
  'CONSENT_PROOF',
  'REGISTRATION',
  'CODE',
  /** Until it is confirmed or run out, and as long again until the old address has been told. */
  'ADDRESS_CHANGE',
  'SESSION',
  'SEND_LOG',
  /** As long as a promised frequency counts it. */
  'SEND_COUNT',
  'NOTICE',
  'BOUNCE',
  'SUPPRESSION',
  'REQUEST',
  'EXPORT',
  'IMPORT',
  'DISCLOSURE',
  'FEEDBACK',
  'STAFF',
  'ATTEMPT',
  'AUDIT',
  /** Of nobody: how many people there were. */
  'FIGURES',
] as const
export type Kept = (typeof keepings)[number]

export interface PersonalData {
  /** In plain words, as the published page shows it. */
  what: string
  /** What it is needed for, in plain words. */
  why: string
  kept: Kept
  /** Words that may quote the person: an erasure empties them although the row stays. */
  quotes?: true
}

export interface PersonalColumn extends PersonalData {
  entity: new () => object
  /** The property's name; the column's is that in snake_case. */
  property: string
}

export interface TableAboutReaders {
  entity: new () => object
  /** The property that says which reader a row is about. */
  column: string
  /** Which of the reader's own properties it holds. */
  by: 'id' | 'publicId' | 'addressHash'
  /** SQL for those rows that are, where others are about somebody else. */
  only?: string
  /** SQL for those of them that the person is shown already, where others have to wait. */
  shownOnly?: string
}

const columns: PersonalColumn[] = []
const tables: TableAboutReaders[] = []

/** Declares that a column says something about a person. Columns of one kind share one declaration. */
export const Personal =
  (data: PersonalData) =>
  (target: object, property: string): void => {
    columns.push({ entity: target.constructor as new () => object, property, ...data })
  }

/** Declares that each row is about one reader, found by this column. */
export const AboutReader =
  (about: Omit<TableAboutReaders, 'entity'>) =>
  (entity: new () => object): void => {
    tables.push({ entity, ...about })
  }

/** Every personal column of the entities loaded so far, in the order they are written in. */
export const personalColumns = (): readonly PersonalColumn[] => columns

/** Every table whose rows are about one reader each, of the entities loaded so far. */
export const tablesAboutReaders = (): readonly TableAboutReaders[] => tables

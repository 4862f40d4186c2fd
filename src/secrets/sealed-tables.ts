// Every sealed column, by table and key. A test compares it with the database: what is missing would not be re-sealed.

export interface SealedTable {
  /** For people. */
  what: string
  table: string
  /** Holds the id of the key that sealed the columns. */
  keyColumn: string
  /** SQL for the part of the row that its seals are bound to. */
  owner: string
  /** Each sealed column, and the name it is bound to. */
  columns: Readonly<Record<string, string>>
  /** Rows end by themselves before anybody could wait for them: they are not re-sealed. */
  isShortLived?: true
}

export const sealedTables: readonly SealedTable[] = [
  {
    what: 'readers',
    table: 'reader',
    keyColumn: 'key_id',
    owner: 'LOWER(HEX(reference))',
    columns: { email_sealed: 'reader.email', name_sealed: 'reader.name' },
  },
  {
    // The key of a registration also makes the link of its mail, which a retry must not change.
    what: 'pending sign-ups',
    table: 'registration',
    keyColumn: 'key_id',
    owner: 'LOWER(HEX(reference))',
    columns: { email_sealed: 'registration.email', name_sealed: 'registration.name' },
    isShortLived: true,
  },
  {
    what: 'changes of address',
    table: 'email_change',
    keyColumn: 'key_id',
    owner: 'LOWER(HEX(reference))',
    columns: { new_sealed: 'email-change.new', old_sealed: 'email-change.old' },
    isShortLived: true,
  },
  {
    what: 'staff',
    table: 'staff_user',
    keyColumn: 'key_id',
    owner: 'public_id',
    columns: { email_sealed: 'staff.email', name_sealed: 'staff.name' },
  },
  {
    what: 'second factors',
    table: 'staff_user',
    keyColumn: 'totp_key_id',
    owner: 'public_id',
    columns: { totp_sealed: 'staff.totp' },
  },
  {
    what: 'copies of data',
    table: 'data_export',
    keyColumn: 'key_id',
    owner: 'request_id',
    columns: { content_sealed: 'export.content' },
    isShortLived: true,
  },
]

/** Whether a row holds anything sealed: erased and confirmed ones do not. */
export const holdsSealed = ({ columns }: SealedTable): string =>
  `(${Object.keys(columns)
    .map(column => `${column} IS NOT NULL`)
    .join(' OR ')})`

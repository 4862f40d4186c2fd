// Every table with sealed columns. A test compares it with the database: what is missing here would not be re-sealed.

export interface SealedTable {
  table: string
  /** SQL for the part of the row that its seals are bound to. */
  owner: string
  /** Each sealed column, and the name it is bound to. */
  columns: Readonly<Record<string, string>>
  /** The column that says which key sealed them. */
  keyColumn: 'key_id' | 'totp_key_id'
  /** Rows end by themselves before anybody could wait for them: they are not re-sealed. */
  isShortLived?: true
}

export const sealedTables: readonly SealedTable[] = [
  {
    table: 'reader',
    owner: 'LOWER(HEX(reference))',
    columns: { email_sealed: 'reader.email', name_sealed: 'reader.name' },
    keyColumn: 'key_id',
  },
  {
    // The key of a registration also makes the link of its mail, which a retry must not change.
    table: 'registration',
    owner: 'LOWER(HEX(reference))',
    columns: { email_sealed: 'registration.email', name_sealed: 'registration.name' },
    keyColumn: 'key_id',
    isShortLived: true,
  },
  {
    table: 'staff_user',
    owner: 'public_id',
    columns: { email_sealed: 'staff.email', name_sealed: 'staff.name' },
    keyColumn: 'key_id',
  },
  {
    table: 'staff_user',
    owner: 'public_id',
    columns: { totp_sealed: 'staff.totp' },
    keyColumn: 'totp_key_id',
  },
]

/** Whether a row holds anything sealed: erased and confirmed ones do not. */
export const holdsSealed = ({ columns }: SealedTable): string =>
  `(${Object.keys(columns)
    .map(column => `${column} IS NOT NULL`)
    .join(' OR ')})`

import type { MigrationInterface, QueryRunner } from 'typeorm'

const statements = [
  `CREATE TABLE policy_draft (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    number int UNSIGNED NOT NULL,
    locale varchar(20) NOT NULL,
    title varchar(200) NOT NULL,
    markdown mediumtext NOT NULL,
    change_summary varchar(2000) NULL,
    saved_at datetime(3) NOT NULL,
    UNIQUE INDEX UQ_policy_draft (number, locale),
    UNIQUE INDEX UQ_policy_draft_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE renewal (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    reference binary(16) NOT NULL,
    key_id tinyint UNSIGNED NOT NULL,
    reader_id int UNSIGNED NOT NULL,
    reason enum('POLICY', 'EXPIRY', 'SILENCE') NOT NULL,
    occasion int UNSIGNED NOT NULL,
    notice_id int UNSIGNED NULL,
    created_at datetime(3) NOT NULL,
    INDEX IX_renewal_notice (notice_id),
    UNIQUE INDEX UQ_renewal_reference (reference),
    UNIQUE INDEX UQ_renewal (reader_id, reason, occasion),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  'ALTER TABLE topic ADD COLUMN refresh_at datetime(3) NULL',
]

/** Texts that consent was given to are evidence: nobody changes or removes one, not even the account that owns the tables. */
const triggers = ['policy_version', 'purpose_version'].flatMap(table =>
  (['UPDATE', 'DELETE'] as const).map(
    verb => `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} FOR EACH ROW
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'published texts are append-only'`,
  ),
)

export class Policies1763900000210 implements MigrationInterface {
  name = 'Policies1763900000210'

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...statements, ...triggers]) await runner.query(sql)
    await addValue(runner, 'notice', 'kind', 'renewal')
    await addValue(runner, 'consent_event', 'surface', 'SYSTEM')
    await addValue(runner, 'consent_event', 'method', 'EXPIRY')
  }

  /** What was agreed to under new texts cannot be forgotten. */
  down(): Promise<void> {
    return Promise.reject(new Error('Policies cannot be reverted'))
  }
}

/** Appends to whatever values the column has: another migration may have added its own. */
async function addValue(runner: QueryRunner, table: string, column: string, value: string): Promise<void> {
  const [found]: { type: string }[] = await runner.query(
    `SELECT COLUMN_TYPE AS type FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLUMN_NAME = ?`,
    [table, column],
  )
  if (!found) throw new Error(`There is no ${table}.${column}`)
  if (found.type.includes(`'${value}'`)) return
  const values = `${found.type.slice(0, -1)},'${value}')`
  await runner.query(`ALTER TABLE ${table} MODIFY ${column} ${values} NOT NULL`)
}

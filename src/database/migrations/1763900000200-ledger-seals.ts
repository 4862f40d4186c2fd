// The terms of consent, signed checkpoints over all chains, and the one way to delete evidence that the law wants gone.
import type { MigrationInterface, QueryRunner } from 'typeorm'

const tables = [
  `CREATE TABLE consent_terms (
    hash binary(32) NOT NULL,
    document text NOT NULL,
    created_at datetime(3) NOT NULL,
    PRIMARY KEY (hash)
  ) ENGINE=InnoDB`,
  `CREATE TABLE ledger_checkpoint (
    number int UNSIGNED NOT NULL,
    body varchar(1000) NOT NULL,
    signature binary(64) NOT NULL,
    chunks mediumblob NOT NULL,
    PRIMARY KEY (number)
  ) ENGINE=InnoDB`,
  `CREATE TABLE tombstone (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    principal uuid NOT NULL,
    body varchar(600) NOT NULL,
    signature binary(64) NOT NULL,
    UNIQUE INDEX UQ_tombstone_principal (principal),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE tombstone_event (
    event_id bigint UNSIGNED NOT NULL,
    tombstone_id int UNSIGNED NOT NULL,
    principal uuid NOT NULL,
    position int UNSIGNED NOT NULL,
    hash binary(32) NOT NULL,
    INDEX IX_tombstone_event_tombstone (tombstone_id),
    PRIMARY KEY (event_id)
  ) ENGINE=InnoDB`,
  // Null: a process of the version before goes on writing record version 1.
  'ALTER TABLE consent_event ADD COLUMN terms_hash binary(32) NULL',
  'ALTER TABLE site ADD COLUMN terms_hash binary(32) NULL',
]

/** Kept like the events themselves, also from the account that owns them. */
const sealed = ['consent_terms', 'ledger_checkpoint', 'tombstone', 'tombstone_event']

const triggers = sealed.flatMap(table =>
  ['UPDATE', 'DELETE'].map(
    verb => `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} FOR EACH ROW
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${table} is append-only'`,
  ),
)

/** Replaced in one statement: there is no moment without it. */
const deleteTrigger = `CREATE OR REPLACE TRIGGER consent_event_no_delete BEFORE DELETE ON consent_event FOR EACH ROW
  IF NOT EXISTS (SELECT 1 FROM tombstone_event WHERE event_id = OLD.id AND hash = OLD.hash) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'consent events are append-only';
  END IF`

export class LedgerSeals1763900000200 implements MigrationInterface {
  name = 'LedgerSeals1763900000200'

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...tables, ...triggers, deleteTrigger]) await runner.query(sql)
  }

  /** Evidence is not taken back. */
  down(): Promise<void> {
    return Promise.reject(new Error('The seals of the ledger cannot be reverted'))
  }
}

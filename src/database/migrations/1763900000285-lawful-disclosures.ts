// What was released to authorities about whom, on what basis and by whose decision.
import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addEnumValues } from '../add-enum-values'

const table = `CREATE TABLE lawful_disclosure (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    reader_id int UNSIGNED NOT NULL,
    authority varchar(200) NOT NULL,
    basis varchar(200) NOT NULL,
    file_number varchar(100) NOT NULL,
    scope varchar(500) NULL,
    requested_by_id int UNSIGNED NOT NULL,
    requested_at datetime(3) NOT NULL,
    approved_by_id int UNSIGNED NULL,
    approved_at datetime(3) NULL,
    handed_out_by_id int UNSIGNED NULL,
    handed_out_at datetime(3) NULL,
    extract_hash binary(32) NULL,
    tell_not_before datetime(3) NULL,
    silence_reason varchar(500) NULL,
    told_at datetime(3) NULL,
    notice_id int UNSIGNED NULL,
    ticket binary(16) NOT NULL,
    key_id tinyint UNSIGNED NOT NULL,
    INDEX IX_lawful_disclosure_notice (notice_id),
    INDEX IX_lawful_disclosure_reader (reader_id),
    UNIQUE INDEX UQ_lawful_disclosure_ticket (ticket),
    UNIQUE INDEX UQ_lawful_disclosure_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`

/** What was asked never changes; a decision and a hand-out are written once. */
const fixed = [
  'public_id',
  'reader_id',
  'authority',
  'basis',
  'file_number',
  'requested_by_id',
  'requested_at',
]
const once = ['approved_by_id', 'approved_at', 'handed_out_by_id', 'handed_out_at', 'extract_hash', 'told_at']
const changed = (column: string): string => `NOT (NEW.${column} <=> OLD.${column})`

const trigger = `CREATE TRIGGER lawful_disclosure_no_change BEFORE UPDATE ON lawful_disclosure FOR EACH ROW
  IF ${[...fixed.map(changed), ...once.map(column => `(OLD.${column} IS NOT NULL AND ${changed(column)})`)].join(' OR ')} THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was asked and decided is written once';
  END IF`

export class LawfulDisclosures1763900000285 implements MigrationInterface {
  name = 'LawfulDisclosures1763900000285'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(table)
    await runner.query(trigger)
    await addEnumValues(runner, 'notice', 'kind', ['lawful-disclosure'])
  }

  down(): Promise<void> {
    return Promise.reject(
      new Error('What was released to whom is evidence: going back needs the backup from before'),
    )
  }
}

// The reader's own centre: pauses of single topics, which code a proof was, and changes of address.
import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addEnumValues } from '../add-enum-values'

const statements = [
  'ALTER TABLE consent ADD COLUMN paused_until datetime(3) NULL',
  'ALTER TABLE reader_session ADD COLUMN proven_by binary(32) NULL',
  `CREATE TABLE email_change (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    reader_id int UNSIGNED NOT NULL,
    notice_id int UNSIGNED NOT NULL,
    reference binary(16) NOT NULL,
    key_id tinyint UNSIGNED NOT NULL,
    new_hash binary(32) NOT NULL,
    new_sealed varbinary(320) NULL,
    old_hash binary(32) NOT NULL,
    old_sealed varbinary(320) NULL,
    created_at datetime(3) NOT NULL,
    expires_at datetime(3) NOT NULL,
    confirmed_at datetime(3) NULL,
    UNIQUE INDEX UQ_email_change_reference (reference),
    INDEX IX_email_change_notice (notice_id),
    INDEX IX_email_change_reader (reader_id),
    INDEX IX_email_change_expires (expires_at),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
]

export class ReaderCentre1763900000220 implements MigrationInterface {
  name = 'ReaderCentre1763900000220'

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement)
    await addEnumValues(runner, 'notice', 'kind', ['email-change', 'email-changed'])
  }

  async down(): Promise<void> {
    throw new Error('There is no way back: restore a backup from before')
  }
}

// Requests for a copy and for erasure, the copies that wait for their download, and the mails about both.
import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addEnumValues } from '../add-enum-values'

const tables = [
  `CREATE TABLE data_request (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    kind enum('EXPORT', 'ERASURE') NOT NULL,
    status enum('AWAITING_CONFIRMATION', 'QUEUED', 'RUNNING', 'READY', 'COMPLETED', 'FAILED', 'EXPIRED', 'CANCELLED') NOT NULL,
    reader_id int UNSIGNED NULL,
    address_hash binary(32) NULL,
    origin enum('READER', 'STAFF', 'OPERATOR', 'RESTORE') NOT NULL,
    is_child tinyint NOT NULL,
    requested_at datetime(3) NOT NULL,
    due_at datetime(3) NOT NULL,
    completed_at datetime(3) NULL,
    notice_id int UNSIGNED NULL,
    reference binary(16) NOT NULL,
    key_id tinyint UNSIGNED NOT NULL,
    tries tinyint UNSIGNED NOT NULL DEFAULT '0',
    download_expires_at datetime(3) NULL,
    receipt varchar(2000) NULL,
    fence int UNSIGNED NOT NULL DEFAULT '0',
    lease_until datetime(3) NULL,
    INDEX IX_data_request_notice (notice_id),
    INDEX IX_data_request_status (status),
    INDEX IX_data_request_reader (reader_id),
    UNIQUE INDEX UQ_data_request_reference (reference),
    UNIQUE INDEX UQ_data_request_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE data_export (
    request_id int UNSIGNED NOT NULL,
    reader_id int UNSIGNED NOT NULL,
    key_id tinyint UNSIGNED NOT NULL,
    expires_at datetime(3) NOT NULL,
    content_sealed mediumblob NOT NULL,
    INDEX IX_data_export_expires (expires_at),
    INDEX IX_data_export_reader (reader_id),
    PRIMARY KEY (request_id)
  ) ENGINE=InnoDB`,
]

export class DataRequests1763900000230 implements MigrationInterface {
  name = 'DataRequests1763900000230'

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of tables) await runner.query(sql)
    await addEnumValues(runner, 'notice', 'kind', ['export', 'erasure'])
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Going back needs the backup from before'))
  }
}

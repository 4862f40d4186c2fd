// Third parties: who they are, what they signed, what was passed to whom, and what they have to erase.
import type { MigrationInterface, QueryRunner } from 'typeorm'

const statements = [
  `CREATE TABLE processor (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    name varchar(100) NOT NULL,
    legal_name varchar(200) NOT NULL,
    country varchar(2) NOT NULL,
    role varchar(500) NOT NULL,
    data_categories text NOT NULL,
    privacy_policy_url varchar(500) NULL,
    service_host varchar(255) NULL,
    status enum('DRAFT', 'ACTIVE', 'SUSPENDED', 'ENDED') NOT NULL,
    UNIQUE INDEX UQ_processor_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE processor_purpose (
    processor_id int UNSIGNED NOT NULL,
    purpose_id int UNSIGNED NOT NULL,
    PRIMARY KEY (processor_id, purpose_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE agreement (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    processor_id int UNSIGNED NOT NULL,
    kind enum('CONFIDENTIALITY', 'DATA_PROCESSING', 'STANDARD_CLAUSES') NOT NULL,
    signed_at date NOT NULL,
    expires_at date NULL,
    document_hash binary(32) NOT NULL,
    INDEX IX_agreement_processor (processor_id),
    UNIQUE INDEX UQ_agreement_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE disclosure (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    processor_id int UNSIGNED NOT NULL,
    purpose_id int UNSIGNED NOT NULL,
    agreement_id int UNSIGNED NOT NULL,
    api_key_id int UNSIGNED NOT NULL,
    data_categories text NOT NULL,
    record_count int UNSIGNED NOT NULL,
    reason varchar(500) NOT NULL,
    at datetime(3) NOT NULL,
    INDEX IX_disclosure_processor (processor_id),
    UNIQUE INDEX UQ_disclosure_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE disclosed_reader (
    disclosure_id int UNSIGNED NOT NULL,
    reader_id int UNSIGNED NOT NULL,
    processor_id int UNSIGNED NOT NULL,
    purpose_id int UNSIGNED NOT NULL,
    at datetime(3) NOT NULL,
    INDEX IX_disclosed_reader_reader (reader_id),
    PRIMARY KEY (disclosure_id, reader_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE processor_reader (
    processor_id int UNSIGNED NOT NULL,
    reader_id int UNSIGNED NOT NULL,
    ref uuid NOT NULL,
    INDEX IX_processor_reader_reader (reader_id),
    UNIQUE INDEX UQ_processor_reader_ref (ref),
    PRIMARY KEY (processor_id, reader_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE erasure_notice (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    processor_id int UNSIGNED NOT NULL,
    ref uuid NOT NULL,
    requested_at datetime(3) NOT NULL,
    due_at datetime(3) NOT NULL,
    erased_at datetime(3) NULL,
    acknowledged_at datetime(3) NULL,
    INDEX IX_erasure_notice_processor (processor_id, erased_at),
    UNIQUE INDEX UQ_erasure_notice_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  'ALTER TABLE api_key ADD COLUMN processor_id int UNSIGNED NULL AFTER staff_id',
]

export class Processors1763900000270 implements MigrationInterface {
  name = 'Processors1763900000270'

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql)
  }

  down(): Promise<void> {
    return Promise.reject(
      new Error('What was passed to whom is evidence: going back needs the backup from before'),
    )
  }
}

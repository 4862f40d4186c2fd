// Links to sites of others, and what anybody says about them.
import type { MigrationInterface, QueryRunner } from 'typeorm'

const tables = [
  `CREATE TABLE directory_link (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    url varchar(500) NOT NULL,
    url_hash binary(32) NOT NULL,
    title varchar(100) NOT NULL,
    description varchar(500) NOT NULL,
    category varchar(50) NOT NULL,
    processor_id int UNSIGNED NULL,
    status enum('PROPOSED', 'LISTED', 'FLAGGED', 'DELISTED') NOT NULL,
    proposed_by_id int UNSIGNED NOT NULL,
    proposed_at datetime(3) NOT NULL,
    reviewed_by_id int UNSIGNED NULL,
    reviewed_at datetime(3) NULL,
    checked_at datetime(3) NULL,
    check_result enum('OK', 'REFUSED', 'UNREACHABLE', 'FORBIDDEN') NULL,
    failures tinyint UNSIGNED NOT NULL,
    INDEX IX_directory_link_status (status, category),
    UNIQUE INDEX UQ_directory_link_url (url_hash),
    UNIQUE INDEX UQ_directory_link_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE link_feedback (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    link_id int UNSIGNED NOT NULL,
    day date NOT NULL,
    kind enum('HELPFUL', 'NOT_HELPFUL', 'BROKEN', 'MISLEADING', 'PRIVACY_CONCERN', 'UNSAFE') NOT NULL,
    comment varchar(500) NULL,
    INDEX IX_link_feedback_day (day),
    INDEX IX_link_feedback_link (link_id, day),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
]

export class LinkDirectory1763900000290 implements MigrationInterface {
  name = 'LinkDirectory1763900000290'

  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.query(table)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE link_feedback')
    await runner.query('DROP TABLE directory_link')
  }
}

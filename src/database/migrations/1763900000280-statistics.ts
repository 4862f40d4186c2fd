// How many people did what on which day, and nothing about any of them.
import type { MigrationInterface, QueryRunner } from 'typeorm'

export class Statistics1763900000280 implements MigrationInterface {
  name = 'Statistics1763900000280'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE stat_cell (
      day date NOT NULL,
      metric enum('PAGE_VIEW', 'VISIT', 'ARCHIVE_VIEW', 'AD_IMPRESSION', 'AD_CLICK') NOT NULL,
      label varchar(200) NOT NULL,
      people int UNSIGNED NOT NULL,
      PRIMARY KEY (day, metric, label)
    ) ENGINE=InnoDB`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE stat_cell')
  }
}

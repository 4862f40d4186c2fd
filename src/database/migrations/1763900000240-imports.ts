import type { MigrationInterface, QueryRunner } from 'typeorm'

const tables = [
  `CREATE TABLE import_job (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    kind enum('readers', 'suppressions') NOT NULL,
    state enum('waiting', 'running', 'completed', 'failed') NOT NULL,
    ticket_hash binary(32) NULL,
    expires_at datetime(3) NOT NULL,
    staff_id int UNSIGNED NULL,
    file_name varchar(200) NOT NULL,
    settings text NOT NULL,
    fence int UNSIGNED NOT NULL DEFAULT '0',
    position int UNSIGNED NOT NULL DEFAULT '0',
    rows_hash binary(32) NULL,
    accepted int UNSIGNED NOT NULL DEFAULT '0',
    unchanged int UNSIGNED NOT NULL DEFAULT '0',
    rejected int UNSIGNED NOT NULL DEFAULT '0',
    file_hash binary(32) NULL,
    problem varchar(20) NULL,
    problem_row int UNSIGNED NULL,
    created_at datetime(3) NOT NULL,
    ended_at datetime(3) NULL,
    UNIQUE INDEX UQ_import_job_public (public_id),
    UNIQUE INDEX UQ_import_job_ticket (ticket_hash),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE import_reject (
    import_id int UNSIGNED NOT NULL,
    \`row\` int UNSIGNED NOT NULL,
    reason varchar(20) NOT NULL,
    PRIMARY KEY (import_id, \`row\`)
  ) ENGINE=InnoDB`,
]

export class Imports1763900000240 implements MigrationInterface {
  name = 'Imports1763900000240'

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of tables) await runner.query(sql)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE import_reject')
    await runner.query('DROP TABLE import_job')
  }
}

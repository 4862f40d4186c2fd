// What the retention rules need: counts instead of deliveries, their own diary, and audit events that may go when they are old.
import type { MigrationInterface, QueryRunner } from 'typeorm'

const statements = [
  `CREATE TABLE delivery_count (
    newsletter_id int UNSIGNED NOT NULL,
    status enum('queued', 'sending', 'sent', 'failed', 'unknown', 'skipped', 'cancelled') NOT NULL,
    skip_reason varchar(40) NOT NULL,
    deliveries int UNSIGNED NOT NULL,
    PRIMARY KEY (newsletter_id, status, skip_reason)
  ) ENGINE=InnoDB`,
  `CREATE TABLE retention_run (
    rule varchar(40) NOT NULL,
    ended_at datetime(3) NOT NULL,
    removed int UNSIGNED NOT NULL,
    PRIMARY KEY (rule)
  ) ENGINE=InnoDB`,
  // SYSDATE: unlike UTC_TIMESTAMP it cannot be set by the session.
  `CREATE OR REPLACE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event FOR EACH ROW
    IF OLD.at >= CONVERT_TZ(SYSDATE(3), @@session.time_zone, '+00:00') - INTERVAL 3 YEAR THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit events are append-only';
    END IF`,
]

export class Retention1763900000250 implements MigrationInterface {
  name = 'Retention1763900000250'

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of statements) await runner.query(sql)
  }

  down(): Promise<void> {
    return Promise.reject(new Error('What was counted cannot be made rows again'))
  }
}

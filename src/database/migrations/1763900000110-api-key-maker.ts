import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Who made a key: it ends with them. */
export class ApiKeyMaker1763900000110 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE api_key ADD COLUMN staff_id int UNSIGNED NULL AFTER public_id, ADD INDEX IX_api_key_staff (staff_id)',
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE api_key DROP COLUMN staff_id')
  }
}

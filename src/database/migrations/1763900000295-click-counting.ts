// Presses on links of newsletters: a purpose of its own, a switch of the site, where each link leads, and how many people.
import type { MigrationInterface, QueryRunner } from 'typeorm'
import { addEnumValues } from '../add-enum-values'

export class ClickCounting1763900000295 implements MigrationInterface {
  name = 'ClickCounting1763900000295'

  async up(runner: QueryRunner): Promise<void> {
    await addEnumValues(runner, 'purpose', 'kind', ['CLICK_COUNTING'])
    await addEnumValues(runner, 'stat_cell', 'metric', ['LINK_CLICK'])
    await runner.query('ALTER TABLE site ADD COLUMN counts_clicks tinyint NOT NULL DEFAULT 0')
    await runner.query(`CREATE TABLE newsletter_link (
      id varchar(12) NOT NULL,
      newsletter_id int UNSIGNED NOT NULL,
      url varchar(2000) NOT NULL,
      PRIMARY KEY (id),
      INDEX IDX_newsletter_link_newsletter (newsletter_id)
    ) ENGINE=InnoDB`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE newsletter_link')
    await runner.query('ALTER TABLE site DROP COLUMN counts_clicks')
  }
}

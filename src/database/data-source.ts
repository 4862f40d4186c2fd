import 'reflect-metadata'
import type { PoolOptions } from 'mysql2'
import { DataSource, DefaultNamingStrategy, type NamingStrategyInterface } from 'typeorm'
import { snakeCase } from 'typeorm/util/StringUtils.js'
import { FirstSchema1763800000000 } from './migrations/1763800000000-first-schema'
import { ApiKeyMaker1763900000110 } from './migrations/1763900000110-api-key-maker'
import { LedgerSeals1763900000200 } from './migrations/1763900000200-ledger-seals'
import { Policies1763900000210 } from './migrations/1763900000210-policies'
import { ReaderCentre1763900000220 } from './migrations/1763900000220-reader-centre'
import { DataRequests1763900000230 } from './migrations/1763900000230-data-requests'
import { Imports1763900000240 } from './migrations/1763900000240-imports'
import { Retention1763900000250 } from './migrations/1763900000250-retention'
import { Processors1763900000270 } from './migrations/1763900000270-processors'
import { Statistics1763900000280 } from './migrations/1763900000280-statistics'
import { LawfulDisclosures1763900000285 } from './migrations/1763900000285-lawful-disclosures'
import { LinkDirectory1763900000290 } from './migrations/1763900000290-link-directory'
import { ClickCounting1763900000295 } from './migrations/1763900000295-click-counting'
import { createPool } from './pool'
import { entities } from './tables'

/** Columns and tables in snake_case, as the hand-written SQL spells them. */
class SnakeCase extends DefaultNamingStrategy implements NamingStrategyInterface {
  override columnName(propertyName: string, customName: string | undefined, prefixes: string[]): string {
    return snakeCase([...prefixes, customName ?? propertyName].join('_'))
  }
}

export interface DataSourceLimits {
  connections?: number
  /** How long anybody waits for the database (pool.ts); without it as long as it takes. */
  waitMs?: number
}

/** A data source for one account; nothing connects before `initialize()`. Times are UTC with milliseconds. */
export function createDataSource(
  url: string,
  { connections = 20, waitMs }: DataSourceLimits = {},
): DataSource {
  return new DataSource({
    type: 'mariadb',
    url,
    entities: [...entities],
    migrations: [
      FirstSchema1763800000000,
      ApiKeyMaker1763900000110,
      LedgerSeals1763900000200,
      Policies1763900000210,
      ReaderCentre1763900000220,
      DataRequests1763900000230,
      Imports1763900000240,
      Retention1763900000250,
      Processors1763900000270,
      Statistics1763900000280,
      LawfulDisclosures1763900000285,
      LinkDirectory1763900000290,
      ClickCounting1763900000295,
    ],
    migrationsTransactionMode: 'none',
    namingStrategy: new SnakeCase(),
    synchronize: false,
    timezone: 'Z',
    charset: 'utf8mb4_unicode_ci',
    supportBigNumbers: true,
    bigNumberStrings: false,
    driver: { createPool: (options: PoolOptions) => createPool(options, waitMs) },
    // TypeORM's own error already says who asked; a second stack for every statement cost 14 µs each.
    trace: false,
    extra: { connectionLimit: connections, connectTimeout: 10_000, enableKeepAlive: true },
  })
}

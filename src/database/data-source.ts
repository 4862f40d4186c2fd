import 'reflect-metadata'
import { DataSource, DefaultNamingStrategy, type NamingStrategyInterface } from 'typeorm'
import { snakeCase } from 'typeorm/util/StringUtils.js'
import { FirstSchema1763800000000 } from './migrations/1763800000000-first-schema'
import { entities } from './tables'

/** Columns and tables in snake_case, as the hand-written SQL spells them. */
class SnakeCase extends DefaultNamingStrategy implements NamingStrategyInterface {
  override columnName(propertyName: string, customName: string | undefined, prefixes: string[]): string {
    return snakeCase([...prefixes, customName ?? propertyName].join('_'))
  }
}

/** A data source for one account; nothing connects before `initialize()`. Times are UTC with milliseconds. */
export function createDataSource(url: string, connectionLimit = 20): DataSource {
  return new DataSource({
    type: 'mariadb',
    url,
    entities: [...entities],
    migrations: [FirstSchema1763800000000],
    migrationsTransactionMode: 'none',
    namingStrategy: new SnakeCase(),
    synchronize: false,
    timezone: 'Z',
    charset: 'utf8mb4_unicode_ci',
    supportBigNumbers: true,
    bigNumberStrings: false,
    // TypeORM's own error already says who asked; a second stack for every statement cost 14 µs each.
    trace: false,
    extra: { connectionLimit, waitForConnections: true, connectTimeout: 10_000, enableKeepAlive: true },
  })
}

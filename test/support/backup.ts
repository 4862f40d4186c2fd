// Backups as operators make them: mariadb-dump and its way back.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { findBinary } from '../../src/local/binaries'
import type { Product } from './product'

/** Dumps the product's database; answers the file. */
export async function dumpToFile(product: Pick<Product, 'config'>): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'weinterrupt-dump-')), 'dump.sql')
  // Replacing: what runs meanwhile may write a row between the making of a table and its filling.
  const options = [
    '--replace',
    '--single-transaction',
    '--skip-lock-tables',
    '--skip-add-locks',
    '--triggers',
  ]
  const child = client(product, 'mariadb-dump', options)
  if (!child.stdout) throw new Error('No output')
  await Promise.all([pipeline(child.stdout, createWriteStream(file)), succeeded(child)])
  return file
}

/** Puts every table back as it was in the dump. */
export async function restoreFromFile(product: Pick<Product, 'config'>, file: string): Promise<void> {
  const child = client(product, 'mariadb', [])
  if (!child.stdin) throw new Error('No input')
  await Promise.all([pipeline(createReadStream(file), child.stdin), succeeded(child)])
}

function client({ config }: Pick<Product, 'config'>, name: string, options: readonly string[]): ChildProcess {
  const url = new URL(config.databaseMigrationUrl)
  const account = ['--protocol=tcp', `--host=${url.hostname}`, `--port=${url.port}`, `--user=${url.username}`]
  return spawn(findBinary(name), ['--no-defaults', ...account, ...options, url.pathname.slice(1)], {
    env: { PATH: process.env.PATH, MYSQL_PWD: decodeURIComponent(url.password) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

async function succeeded(child: ChildProcess): Promise<void> {
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`exit code ${code}`)
}

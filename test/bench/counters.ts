// What a run costs: CPU of every process and the work of MariaDB, as differences between two moments.
import mysql from 'mysql2/promise'
import { cpuUs } from './processes'

const names = [
  'Questions',
  'Com_commit',
  'Innodb_data_fsyncs',
  'Innodb_row_lock_waits',
  'Innodb_deadlocks',
] as const
export type Counters = Record<(typeof names)[number], number>
export type Cpu = Record<'worker' | 'mariadb' | 'sink' | 'api', number>

export interface Moment {
  counters: Counters
  /** Microseconds. */
  cpu: Cpu
}

export interface Watched {
  ownerUrl: string
  pids: Record<keyof Cpu, readonly number[]>
}

/** Takes both in one go; costs MariaDB one statement. */
export async function readMoment(owner: mysql.Connection, { pids }: Watched): Promise<Moment> {
  const [rows] = await owner.query<mysql.RowDataPacket[]>('SHOW GLOBAL STATUS WHERE Variable_name IN (?)', [
    names,
  ])
  const counters = Object.fromEntries(rows.map(row => [row.Variable_name, Number(row.Value)])) as Counters
  const sum = (of: readonly number[]) => of.reduce((total, pid) => total + cpuUs(pid), 0)
  const { worker, mariadb, sink, api } = pids
  return { counters, cpu: { worker: sum(worker), mariadb: sum(mariadb), sink: sum(sink), api: sum(api) } }
}

export interface Cost {
  /** Microseconds a message. */
  cpu: Cpu
  /** For 500 messages. */
  per500: Counters
}

export function costOf(from: Moment, to: Moment, messages: number): Cost {
  const each = <K extends string>(a: Record<K, number>, b: Record<K, number>, unit: number) =>
    Object.fromEntries(
      Object.keys(a).map(key => [key, Math.round(((b[key as K] - a[key as K]) / messages) * unit * 10) / 10]),
    ) as Record<K, number>
  return { cpu: each(from.cpu, to.cpu, 1), per500: each(from.counters, to.counters, 500) }
}

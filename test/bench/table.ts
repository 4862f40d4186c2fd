// The table: each figure with its floor (below it a release does not go out) and its aim.
import type { Figures } from './report'

type Row = readonly [figure: string, value: string, ratio: string, floor: string, aim: string]

const show = (value: number | null, unit: string): string =>
  value === null ? 'not measured' : `${value.toLocaleString('en')} ${unit}`.trim()

const ratio = (value: number | null, to: number | null, unit: string): string =>
  value === null || !to ? '' : `${(value / to).toFixed(2)} ${unit}`

export function table(figures: Figures): string {
  const { smtpSource: s, bareNodemailer, endToEnd } = figures
  const rate = (name: string, value: number | null, floor: string, aim: string): Row => [
    name,
    show(value, 'msg/s'),
    ratio(value, s, 'S'),
    floor,
    aim,
  ]
  const rows: Row[] = [
    ['figure', 'value', 'ratio', 'floor', 'aim'],
    rate('smtp-source -s 10 into smtp-sink (S)', s, '', ''),
    rate('nodemailer, builds each mail, no checks', bareNodemailer, '', ''),
    rate('end to end into smtp-sink', endToEnd, '0.75 S', '0.92 S'),
    rate('end to end into the fast sink', figures.endToEndFastSink, '1.1 S', '1.6 S'),
    rate('end to end, DKIM Ed25519', figures.endToEndEd25519, '0.60 S', '0.85 S'),
    rate('end to end, DKIM RSA-2048', figures.endToEndRsa, '0.28 S', '0.36 S'),
    ['end to end against nodemailer', '', ratio(endToEnd, bareNodemailer, '×'), '5 ×', '8 ×'],
    ['worker CPU', show(figures.cpuPerMessageUs, 'µs/msg'), '', '180 µs', '110 µs'],
    ['expansion', show(figures.expansionPerSecond, 'readers/s'), secondsForAMillion(figures), '10 s', '5 s'],
    ['worker heap, small newsletter', show(figures.heapMb50k, 'MB'), '', '', ''],
    [
      'worker heap, ten times larger',
      show(figures.heapMb500k, 'MB'),
      ratio(figures.heapMb500k, figures.heapMb50k, '×'),
      'flat',
      'flat',
    ],
    second(
      'second worker, same connections',
      figures.secondWorkerSameConnectionsFactor,
      'not lower',
      'not lower',
    ),
    second('second worker, double connections', figures.secondWorkerFactor, '1.9 ×', '1.95 ×'),
    ['withdrawals under full send, p50 / p99', withdrawals(figures), '', 'p99 300 ms', ''],
  ]
  return aligned(rows)
}

const second = (name: string, factor: number | null, floor: string, aim: string): Row => [
  name,
  factor === null ? 'not measured' : '',
  factor === null ? '' : `${factor} ×`,
  floor,
  aim,
]

const secondsForAMillion = ({ expansionPerSecond: rate }: Figures): string =>
  rate ? `1 M in ${(1e6 / rate).toFixed(1)} s` : ''

const withdrawals = ({ withdrawalsUnderSend: found }: Figures): string =>
  found ? `${found.p50} / ${found.p99} ms (${found.withdrawals})` : 'not measured'

function aligned(rows: readonly Row[]): string {
  const widths = [0, 1, 2, 3, 4].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

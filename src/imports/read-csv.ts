// CSV row by row: commas, semicolons or tabs, quotes, any mixture of line ends, never more than a chunk at once.
import { CsvError, type Parser, parse } from 'csv-parse'
import { FileProblem } from './problem'

/** Longer than any row with a name, an address and the words of a consent. */
const MAX_ROW = 64 * 1024

/**
 * The rows, the header first; blank lines are left out. Throws FileProblem `csv` where the quotes do not fit, `row-long`
 * for a row above 64 kB, both after the last row before it; and what the text throws.
 */
export async function* readCsv(text: AsyncIterable<string>): AsyncGenerator<string[]> {
  const chunks = text[Symbol.asyncIterator]()
  const start = await firstLine(chunks)
  const rows: string[][] = []
  const parser = parse({
    delimiter: delimiterOf(start),
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW,
    on_record: (row: string[]) => {
      rows.push(row)
      return null
    },
  })
  // Each call tells its own.
  parser.on('error', () => {}).resume()
  let row = 0
  for (let chunk: string | undefined = start; ; ) {
    const error = await feed(parser, chunk)
    row += rows.length
    yield* rows.splice(0)
    if (error) throw new FileProblem(error.code === 'CSV_MAX_RECORD_SIZE' ? 'row-long' : 'csv', row + 1)
    if (chunk === undefined) return
    const next = await chunks.next()
    chunk = next.done ? undefined : next.value
  }
}

/** Undefined: that was all. Answers what is wrong with the text, once all of it is parsed. */
function feed(parser: Parser, chunk: string | undefined): Promise<CsvError | undefined> {
  return new Promise((done, failed) => {
    const answer = (error?: Error | null) =>
      !error || error instanceof CsvError ? done(error ?? undefined) : failed(error)
    if (chunk === undefined) parser.end(answer)
    else parser.write(chunk, answer)
  })
}

/** What has come once the first line is there whole. */
async function firstLine(chunks: AsyncIterator<string>): Promise<string> {
  let start = ''
  while (!/\S.*[\r\n]/.test(start)) {
    if (start.length > MAX_ROW) throw new FileProblem('row-long', 1)
    const next = await chunks.next()
    if (next.done) break
    start += next.value
  }
  return start
}

/** Whichever stands most often in the header, outside of quotes. */
function delimiterOf(start: string): string {
  const [header = ''] = start.trimStart().split(/[\r\n]/, 1)
  const bare = header.replace(/"[^"]*"/g, '')
  const count = (one: string): number => bare.split(one).length
  return [',', ';', '\t'].reduce((best, one) => (count(one) > count(best) ? one : best))
}

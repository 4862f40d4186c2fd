// What others do on this machine in the same minute: Debian's smtp-source (S), and nodemailer without any check.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { findBinary } from '../../src/local/binaries'
import { asChild, script, start } from './processes'
import { mailFor, renderSample } from './sample'
import { type Sink, startSmtpSink } from './sinks'

/** Writes the message that smtp-source sends, as long as the product's, and answers the file. */
export async function writeSample(dir: string): Promise<string> {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  const { message } = await composer.sendMail(mailFor(await renderSample(), 'reader@inbox1.example.org'))
  const file = join(dir, 'sample.eml')
  writeFileSync(file, message as Buffer)
  // smtp-source runs as nobody when we are root.
  chmodSync(file, 0o644)
  chmodSync(dir, 0o711)
  return file
}

/** Messages a second of `smtp-source -s 10 -d` (connections are kept) into the sink. */
export async function smtpSource(sink: Sink, messages: number, messageFile: string): Promise<number> {
  const args = ['-s', '10', '-d', '-m', String(messages), '-F', messageFile, '-f', 'news@site.example']
  args.push('-t', 'reader@inbox1.example.org', `${sink.host}:${sink.port}`)
  const { command, args: all } = asChild(findBinary('smtp-source'), args)
  const started = performance.now()
  const child = spawn(command, all, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`smtp-source ended with ${code}`)
  return messages / ((performance.now() - started) / 1000)
}

let runs = 0

/** The better of 10 and 20 connections, messages a second. */
export async function bareNodemailer(dir: string, messages: number): Promise<number> {
  const rates: number[] = []
  for (const connections of [10, 20]) {
    const sink = await startSmtpSink(dir)
    const logFile = join(dir, `nodemailer-${runs++}.out`)
    const args = [String(sink.port), String(connections), String(messages)]
    const sender = await start({ ...script('bare-nodemailer.ts', args), logFile })
    const code = await sender.ended
    await sink.stop()
    const output = readFileSync(logFile, 'utf8')
    if (code !== 0) throw new Error(`nodemailer did not send: ${output}`)
    rates.push(Number(output))
  }
  return Math.max(...rates)
}

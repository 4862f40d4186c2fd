// Signing in the worker: keys made for the run, and proof that what leaves is really signed.
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { environmentNames } from '../../src/config'
import { makeNewsletter, scheduleNow } from '../support/actors'
import { startSmtpSink as startRecordingSink } from '../support/smtp-sink'
import { CheckFailed } from './checker'
import * as newsletter from './newsletter'
import { makeAudience } from './readers'
import { startWorkers, untilSent } from './send'
import type { Site } from './site'

export type Algorithm = 'ed25519' | 'rsa'

/** What makes a worker sign; undefined when this version of the worker cannot. */
export function dkimEnv(dir: string, algorithm: Algorithm): NodeJS.ProcessEnv | undefined {
  if (!environmentNames.includes('DKIM_KEY_FILE')) return undefined
  const { privateKey } =
    algorithm === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')
  const file = join(dir, `dkim-${algorithm}.pem`)
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return { DKIM_KEY_FILE: file, DKIM_SELECTOR: 'bench' }
}

/** Sends a few messages to a sink that keeps them. Throws CheckFailed when one has no such signature. */
export async function provesSigning(site: Site, algorithm: Algorithm, env: NodeJS.ProcessEnv): Promise<void> {
  const audience = await makeAudience(site, 3)
  const { id } = await makeNewsletter(site.product, site.admin, audience.topicId, {
    subject: newsletter.subject,
    mjml: newsletter.mjml,
  })
  const sink = await startRecordingSink()
  const port = Number(new URL(sink.url).port)
  const workers = await startWorkers(site, { connections: 2, workerEnv: env }, { host: '127.0.0.1', port })
  try {
    await scheduleNow(site.product, site.admin, id)
    await untilSent(site, id, workers, 60_000)
  } finally {
    await Promise.all(workers.map(worker => worker.stop()))
    await sink.close()
  }
  const signed = new RegExp(`^DKIM-Signature:[^]*?\\ba=${algorithm}-sha256`, 'im')
  const unsigned = sink.received.filter(({ data }) => !signed.test(data.toString('latin1', 0, 8000)))
  if (sink.received.length !== 3 || unsigned.length > 0)
    throw new CheckFailed(
      `${unsigned.length} of ${sink.received.length} messages lack an ${algorithm} signature`,
    )
}

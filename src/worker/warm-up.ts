// The first messages of a new process cost ten times as much as later ones: their code is not compiled yet. A worker
// compiles it while nobody waits, with messages to nobody that go nowhere.
import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { newReader } from '../consent/readers'
import { encodeBody } from '../mail/body'
import { prepareNewsletter } from '../mail/message'
import { composeDelivery } from './compose-delivery'
import type { WorkerContext } from './context'

/** After so many a message costs about what it will ever cost (measured). */
const MESSAGES = 2_500
const SIGNED = 500
/** Between two turns of the event loop: what else a worker does waits for a few milliseconds at most. */
const AT_ONCE = 20

const NOBODY = 'nobody@invalid.example'
const html = '<p>{{name|you}} <a href="{{unsubscribe_url}}">{{topic}}</a> {{preferences_url}}</p>'

const newsletter = () =>
  prepareNewsletter({
    siteName: 'Nobody',
    mailFrom: NOBODY,
    bounceDomain: 'invalid.example',
    unsubscribePrefix: 'https://invalid.example/u/',
    preferencesPrefix: 'https://invalid.example/p/',
    subject: 'For {{name|you}}',
    values: { site: 'Nobody', topic: 'Nothing' },
    topic: { slug: 'nothing', title: 'Nothing' },
    newsletter: 'nothing',
    senderId: 'nobody',
    body: encodeBody({ html: html + '<p>Nothing</p>'.repeat(200), text: '{{name|you}} {{unsubscribe_url}}' }),
  })

/** Resolves when the way from a row to a message is compiled, or the worker stops. */
export async function warmUp({
  keyring,
  signer,
  stopping,
}: Pick<WorkerContext, 'keyring' | 'signer' | 'stopping'>): Promise<void> {
  const details = { addressHash: null, locale: 'en', timeZone: null, at: new Date() }
  const reader = newReader(keyring, { email: NOBODY, name: 'Nobody' }, details)
  const mail = {
    newsletter: { reference: randomBytes(6), tokenKeyId: keyring.currentId },
    renditions: new Map([['en', newsletter()]]),
    counted: undefined,
  }
  for (let made = 0; made < MESSAGES && !stopping.aborted; made++) {
    const isPersonal = made % 4 === 0 ? 1 : 0
    await composeDelivery({ keyring, signer: made < SIGNED ? signer : undefined }, mail, {
      ...reader,
      isPersonal,
      isCounted: 0,
    })
    if (made % AT_ONCE === 0) await nextTurn()
  }
}

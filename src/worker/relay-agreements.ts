// A mail server of somebody else is used only under an agreement that stands (promise P9; standards P1).
import { hostsWithoutAgreement, relayHosts } from '../privacy/agreements'
import type { WorkerContext } from './context'

/** Asked before each claim and each notice. A server on this machine is the site's own. */
export const mayUseRelays = async ({ db, config }: WorkerContext): Promise<boolean> =>
  (await hostsWithoutAgreement(db.manager, relayHosts(config))).length === 0

/** Says when mail begins to wait for an agreement, and when it goes on. */
export function createRelayWatch({ db, config, log }: WorkerContext): { look(): Promise<void> } {
  let said = ''
  return {
    async look() {
      const hosts = (await hostsWithoutAgreement(db.manager, relayHosts(config))).join(', ')
      if (hosts !== said && hosts)
        log.error({ hosts }, 'no agreement that stands covers the mail server: nothing is sent')
      if (hosts !== said && !hosts) log.info('an agreement covers the mail server: mail goes on')
      said = hosts
    },
  }
}

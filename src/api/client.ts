// Who asks, as far as the rate limits need to know: a network, never an address.
import type { Request } from 'express'
import ipaddr from 'ipaddr.js'
import type { Config } from '../config'
import { fingerprint } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'

export interface Client {
  /** Keyed hash of the network: all that is kept of an IP address, and only in Redis while a window lasts (G2). */
  network: string
  /** On this machine, where the operator set no rates: such as a site that signs up its visitors itself. */
  isExempt: boolean
  /** With an API key it speaks for many visitors, and its network says nothing about them. */
  isProgram: boolean
}

/** The client behind the trusted proxies. */
export function clientOf(
  { keyring, config }: { keyring: Keyring; config: Config },
  { ip }: Pick<Request, 'ip'>,
  isProgram = false,
): Client {
  const address = ip && ipaddr.isValid(ip) ? ipaddr.process(ip) : undefined
  return {
    network: fingerprint(keyring, 'network', address ? networkOf(address) : 'unknown').toString('base64url'),
    isExempt: !config.ratesForLoopback && address?.range() === 'loopback',
    isProgram,
  }
}

/**
 * The /24 of an IPv4 and the /48 of an IPv6 address: about what one household, office or rented server can choose from.
 * `process` above has made IPv4 addresses of those inside IPv6 ones.
 */
const networkOf = (address: ipaddr.IPv4 | ipaddr.IPv6): string =>
  address
    .toByteArray()
    .slice(0, address.kind() === 'ipv4' ? 3 : 6)
    .join('.')

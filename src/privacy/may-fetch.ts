// What the link checker may connect to. The one decision that keeps a link from reaching into the operator's network (SSRF).
import ipaddr from 'ipaddr.js'

/** All that is assigned for the public Internet so far (RFC 4291 §2.4, IANA). */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether an address, as the resolver gave it, is one of the public Internet: unicast, and in none of the ranges that have
 * a purpose of their own (IANA special-purpose registries: private, loopback, link-local, shared, documentation,
 * translation, tunnels). An IPv4 address inside an IPv6 one is looked at as what it is. All else is no: other notations,
 * zones, names.
 */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address).range() === 'unicast'
  if (address.includes('%') || isCompatible(address) || !ipaddr.IPv6.isValid(address)) return false
  const found = ipaddr.process(address)
  if (found instanceof ipaddr.IPv4) return found.range() === 'unicast'
  return found.range() === 'unicast' && found.match(GLOBAL_IPV6)
}

/** `::192.0.2.1` without the `ffff` (RFC 4291 §2.5.5.1, deprecated), which the library takes for one with it. */
const isCompatible = (address: string): boolean => address.includes('.') && !/:ffff:[\d.]+$/i.test(address)

/** Whether an address of the web is one the checker asks at all: http or https, without user name, on their own ports. */
export function isPlainWebUrl(
  { protocol, username, password, port }: URL,
  ports: readonly number[],
): boolean {
  const usual = protocol === 'https:' ? 443 : protocol === 'http:' ? 80 : undefined
  return usual !== undefined && username === '' && password === '' && ports.includes(Number(port || usual))
}

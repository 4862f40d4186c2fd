import ipaddr from 'ipaddr.js'

const MAX_LENGTH = 500

/**
 * The address of a site of somebody else as a browser reads it, its host in ASCII (RFC 5891), or undefined for what may
 * not be in the directory: other schemes, user names, other ports than the usual ones, numbers for hosts (in whatever way
 * they are written), names without a dot, the site itself, more than 500 characters.
 */
export function directoryUrl(text: string, ownHosts: readonly string[]): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const { protocol, username, password, port, hostname, href } = url
  const isWeb = protocol === 'https:' || protocol === 'http:'
  // Parsing has made the usual notation of 0x7f000001, 0177.1 and the like.
  const isName = !ipaddr.isValid(hostname.replace(/^\[|\]$/g, '')) && /[^.]\.[^.]/.test(hostname)
  const isPlain = username === '' && password === '' && port === ''
  const isOwn = ownHosts.includes(hostname.replace(/\.$/, ''))
  return isWeb && isPlain && isName && !isOwn && href.length <= MAX_LENGTH ? href : undefined
}

import { type LookupAddress, type LookupOptions, lookup as lookupAny } from 'node:dns'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** The host of a URL leads into a private network, or to this machine. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress'

  constructor() {
    super('the host has an address of a private network, which allowPrivate allows')
  }
}

/** Whether an address is one of the public Internet. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 0) return false
  // An IPv4 address in an IPv6 one is judged as the former.
  const parsed = ipaddr.process(address)
  // Of IPv6, 2000::/3 alone is public: the deprecated `::127.0.0.1`, among others, has no range of its own here.
  const isAssigned = parsed.kind() === 'ipv4' || parsed.toByteArray()[0]! >> 5 === 1
  return isAssigned && parsed.range() === 'unicast'
}

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/**
 * Looks a host up as `dns.lookup` does, and fails where any of its addresses is not public. The connection goes to what
 * was checked, so a name whose address changes meanwhile gains nothing.
 */
export function lookupPublic(host: string, options: LookupOptions, callback: LookupCallback): void {
  lookupAny(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '')
    if (!addresses.every(({ address }) => isPublic(address))) return callback(new PrivateAddress(), '')
    if (options.all === true) return callback(null, addresses)
    const [first] = addresses
    callback(null, first?.address ?? '', first?.family)
  })
}

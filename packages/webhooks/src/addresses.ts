import { type LookupAddress, type LookupOptions, lookup as lookupAny } from 'node:dns'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** The host of a URL is in a private network, or this machine. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress'

  constructor() {
    super('the host has an address of a private network, which allowPrivate allows')
  }
}

export function isPublic(address: string): boolean {
  if (isIP(address) === 0) return false
  // An IPv4 address in an IPv6 one is checked as an IPv4 address.
  const parsed = ipaddr.process(address)
  // In IPv6 only 2000::/3 is public; this also excludes the deprecated `::127.0.0.1`, for example.
  const isAssigned = parsed.kind() === 'ipv4' || parsed.toByteArray()[0]! >> 5 === 1
  return isAssigned && parsed.range() === 'unicast'
}

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/**
 * Looks up a host as `dns.lookup` does, and fails if any of its addresses is not public. The connection is made to a
 * checked address, so changing the address of a name between the two is useless.
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

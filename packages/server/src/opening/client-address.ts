import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6, SocketAddress } from 'node:net'
import { HeadcountError } from '@headcount/core'

/**
 * Finds the address of a client behind trusted proxies. `X-Forwarded-For` is read from the right, hop by hop: an entry
 * counts only if the hop that added it is trusted. An IPv6 address is truncated to its /64 network, that of a customer.
 *
 * @param trusted addresses or networks of proxies, such as `10.0.0.0/8` or `::1`.
 * @returns a function that returns the network address of a request's client, or null if its connection has none.
 * @throws {HeadcountError} `bad_option` if one of them is neither.
 */
export function clientAddress(trusted: readonly string[]): (request: IncomingMessage) => string | null {
  const proxies = blockList(trusted)
  const isTrusted = (address: string): boolean => proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  return ({ socket, headers }) => {
    let address = plain(socket.remoteAddress ?? '')
    if (address === undefined) return null
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
    while (isTrusted(address)) {
      const previous = plain(forwarded.pop() ?? '')
      if (previous === undefined) break
      address = previous
    }
    return network(address)
  }
}

function blockList(trusted: readonly string[]): BlockList {
  const list = new BlockList()
  for (const each of trusted) {
    const parsed = parseNetwork(each)
    if (parsed === undefined)
      throw new HeadcountError(
        'bad_option',
        `trustProxy: expected an address or a network such as 10.0.0.0/8, got ${JSON.stringify(each)}`,
      )
    list.addSubnet(...parsed)
  }
  return list
}

/** Whether a text is an address or a network, such as `::1` or `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined
}

function parseNetwork(text: string): [address: string, prefix: number, family: 'ipv4' | 'ipv6'] | undefined {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  const most = family === 'ipv6' ? 128 : 32
  const prefix = bits === undefined ? most : Number(bits)
  if (isIP(address) === 0 || rest.length > 0 || !/^\d+$/.test(bits ?? '0') || prefix > most) return undefined
  return [address, prefix, family]
}

/**
 * An address without port, brackets and zone; undefined if it is none. One of IPv4 in IPv6, also by a gateway of RFC
 * 6052, is that of IPv4: otherwise all of them would be one network.
 */
function plain(text: string): string | undefined {
  const trimmed = text.trim()
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed)?.[1]
  const withoutPort = bracketed ?? (/^[\d.]+:\d+$/.test(trimmed) ? trimmed.slice(0, trimmed.indexOf(':')) : trimmed)
  const address = withoutPort.replace(/%.*$/, '')
  if (!isIPv6(address)) return isIP(address) === 0 ? undefined : address
  return ofIPv4(new SocketAddress({ address, family: 'ipv6' }).address) ?? address
}

/** The IPv4 address in an IPv6 address as Node writes it; undefined if it has none. */
function ofIPv4(address: string): string | undefined {
  const mapped = /^::ffff:([\d.]+)$/.exec(address)?.[1]
  const [, high, low] = /^64:ff9b::([\da-f]+):([\da-f]+)$/.exec(address) ?? []
  if (mapped !== undefined || high === undefined || low === undefined) return mapped
  return [high, low].flatMap((part) => [parseInt(part, 16) >> 8, parseInt(part, 16) & 255]).join('.')
}

function network(address: string): string {
  if (!isIPv6(address)) return address
  const list = new SocketAddress({ address, family: 'ipv6' }).address
  const [head = '', tail] = list.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`
}

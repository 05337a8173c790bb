import { HeadcountError } from '@headcount/core'

/** Names and addresses that never leave this machine. */
const loopback = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/

/**
 * The address of the server that a crowd comes to.
 * @param given `ws://127.0.0.1:4000`; `http` and `https` are taken for the sockets of the same server.
 * @param anywhere whether it may be another machine's: a crowd is a load, and an open port is not an invitation.
 * @throws {HeadcountError} `bad_setting` where it is no address, or one of another machine.
 */
export function crowdAddress(given: string, anywhere: boolean): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || !/^(ws|http)s?:$/.test(url.protocol)) {
    const expected = 'expected an address such as ws://127.0.0.1:4000'
    throw new HeadcountError('bad_setting', `--url: ${expected}, got ${JSON.stringify(given)}`)
  }
  if (!anywhere && !loopback.test(url.hostname)) {
    throw new HeadcountError(
      'bad_setting',
      `--url: expected an address of this machine, got ${url.host}; --anywhere allows any, where you may`,
    )
  }
  url.protocol = url.protocol.replace('http', 'ws')
  return url.href
}

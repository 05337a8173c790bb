import type { IncomingMessage } from 'node:http'

/** A server that answered a request for a socket with something else. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused'

  constructor(
    readonly status: number,
    readonly body: string,
  ) {
    super(`expected a socket, got status ${status}: ${body}`)
  }

  /** The answer, read whole. */
  static async from(response: IncomingMessage): Promise<UpgradeRefused> {
    let body = ''
    for await (const text of response.setEncoding('utf8')) body += text
    return new UpgradeRefused(response.statusCode ?? 0, body)
  }
}

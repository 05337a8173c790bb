import type { IncomingMessage } from 'node:http'

/** The server answered an upgrade request with another status than 101. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused'

  constructor(
    readonly status: number,
    readonly body: string,
  ) {
    super(`the upgrade was refused with status ${status}: ${body}`)
  }

  static async from(response: IncomingMessage): Promise<UpgradeRefused> {
    let body = ''
    for await (const text of response.setEncoding('utf8')) body += text
    return new UpgradeRefused(response.statusCode ?? 0, body)
  }
}

import type { IncomingMessage } from 'node:http'

/** Longest body of an error that is kept, in characters. Another server may send one without end. */
const maxLength = 4_096

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
    for await (const text of response.setEncoding('utf8')) {
      body += text
      if (body.length > maxLength) break
    }
    return new UpgradeRefused(response.statusCode ?? 0, body.slice(0, maxLength))
  }
}

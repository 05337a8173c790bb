import { errorText, type HeadcountError } from '@headcount/core'
import type { Flag, FlagValues } from '../settings/flags.js'
import { badSetting, format } from '../settings/settings-errors.js'
import type { Environment } from './environment.js'

export const urlFlag: Flag = { name: 'url', value: 'URL', help: 'the server (HEADCOUNT_URL; http://localhost:4000)' }

/** A hint for a server that was never reached. */
export const urlHint = 'name the server with --url or HEADCOUNT_URL'

/** Why a request to a server failed. */
export function requestError(url: string, error: unknown): HeadcountError {
  const { cause } = error as { cause?: { code?: string } }
  // Without a response, `fetch` throws a TypeError with a cause.
  const text =
    cause === undefined
      ? errorText(error)
      : `expected a server, got none (${cause.code ?? errorText(error)}); ${urlHint}`
  return badSetting(`${url}: ${text}`, error)
}

/** The server of a command. @throws {HeadcountError} `bad_setting` */
export function serverUrl(values: FlagValues, env: Environment['env']): string {
  const text = values.get('url')?.at(-1) ?? env.HEADCOUNT_URL ?? 'http://localhost:4000'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw badSetting(`--url: expected a URL such as http://localhost:4000, got ${format(text)}`)
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}

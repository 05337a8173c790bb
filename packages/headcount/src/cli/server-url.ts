import type { Flag, FlagValues } from '../settings/flags.js'
import { badSetting, format } from '../settings/settings-errors.js'
import type { Environment } from './environment.js'

export const urlFlag: Flag = { name: 'url', value: 'URL', help: 'the server (HEADCOUNT_URL; http://localhost:4000)' }

/** The server that a command asks. @throws {HeadcountError} `bad_setting` */
export function serverUrl(values: FlagValues, env: Environment['env']): string {
  const text = values.get('url')?.at(-1) ?? env.HEADCOUNT_URL ?? 'http://localhost:4000'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw badSetting(`--url: expected a URL such as http://localhost:4000, got ${format(text)}`)
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}

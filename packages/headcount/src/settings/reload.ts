import { isDeepStrictEqual } from 'node:util'
import type { Settings } from './complete.js'
import { type Setting, settings as table } from './definitions.js'

/**
 * Compares settings that were read again with the current ones.
 * @returns the current settings with the new values of those that SIGHUP replaces, and the keys of these and of those
 * that changed but need a restart.
 */
export function reloaded(current: Settings, given: Settings) {
  const isSame = (path: string, part = (value: unknown) => value): boolean =>
    isDeepStrictEqual(part(valueAt(current, path)), part(valueAt(given, path)))
  const canReload = ({ path, reloads }: Setting): boolean =>
    reloads === 'secrets' ? isSame(path, withoutSecrets) : reloads === true
  const differing = table.filter(({ path }) => !isSame(path))
  const changed = differing.filter(canReload).map(({ path }) => path)
  const needRestart = differing.filter((setting) => !canReload(setting)).map(({ path }) => path)
  const effective = current.effective.map((row, i) => (changed.includes(row.path) ? (given.effective[i] ?? row) : row))
  const settings = changed.reduce((all, path) => withValue(all, path, valueAt(given, path)), current)
  return { settings: { ...settings, effective }, changed, needRestart }
}

function withoutSecrets(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'secret' ? undefined : inner)))
}

type Values = Readonly<Record<string, unknown>>

function valueAt(settings: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Values)[key], settings)
}

function withValue<T extends object>(settings: T, path: string, value: unknown): T {
  const [key = '', inner] = path.split('.')
  const section = (settings as Values)[key] as object
  return { ...settings, [key]: inner === undefined ? value : { ...section, [inner]: value } }
}

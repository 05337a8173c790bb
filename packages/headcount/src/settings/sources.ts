import { didYouMean } from '@headcount/core'
import type { ConfigFile } from './config-file.js'
import { type Setting, settings } from './definitions.js'
import type { FlagValues } from './flags.js'
import { isObject } from './kinds.js'
import { type Given, kindOf, type SettingsErrors } from './settings-errors.js'

/** Values by the path of their setting. */
export type Source = Readonly<Record<string, Given>>

export type Env = Readonly<Record<string, string | undefined>>

export const configVariable = 'HEADCOUNT_CONFIG'

/** Variables of commands that speak to a server. They are no settings. */
const clientVariables = ['HEADCOUNT_URL', 'HEADCOUNT_TOKEN']

export function fromFlags(flags: FlagValues): Source {
  return gather(({ flag = '', kind }) => {
    const texts = flags.get(flag)
    return texts && { value: kind.read(texts), name: () => `--${flag}` }
  })
}

/**
 * The environment. An empty variable counts as unset: `HEADCOUNT_REDIS_URL=${REDIS_URL:-}` in a Compose file results in
 * one. A misspelt variable is an error.
 */
export function fromEnv(env: Env, { errors, warnings }: SettingsErrors): Source {
  const prefix = 'HEADCOUNT_'
  const known = [...settings.flatMap((setting) => setting.env ?? []), configVariable]
  const endings = known.map((name) => name.slice(prefix.length))
  for (const name of Object.keys(env)) {
    if (!name.startsWith(prefix) || clientVariables.includes(name)) continue
    const hint = didYouMean(name.slice(prefix.length), endings, (near) => prefix + near)
    if (isServiceLink(name, env[name])) {
      if (known.includes(name)) warnings.push(`${name} is ignored: it is a Kubernetes service link`)
    } else if (!known.includes(name)) {
      if (hint === '') warnings.push(`${name} is ignored: headcount has no such variable`)
      else errors.push(`expected a known variable, got ${name}${hint}`)
    }
  }
  return gather(({ env: name = '', kind, secret }) => {
    const text = env[name]
    if (!text || isServiceLink(name, text)) return undefined
    const value = kind.read([text])
    const isQuoted = /^(["']).*\1$/s.test(text)
    if (isQuoted) warnings.push(`${name} is in quotes, which are part of the value: remove them`)
    // The server warns of secrets, but not of one in a list, which has lost its white space.
    if (text !== text.trim() && Array.isArray(value) === (secret === true))
      warnings.push(`${name} begins or ends with white space`)
    return { value, name: () => (isQuoted ? `${name} (remove its quotes)` : name) }
  })
}

/** Whether Kubernetes set the variable: it does so in every pod for a service named `headcount` or `headcount-…`. */
function isServiceLink(name: string, value = ''): boolean {
  return /_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP|SCTP)/.test(name) || /^(tcp|udp|sctp):\/\//.test(value)
}

/** The config file. Unknown keys are errors. */
export function fromFile({ name: file, config }: ConfigFile, { errors, warnings }: SettingsErrors): Source {
  const known = new Set(settings.flatMap(({ path }) => [path, path.split('.')[0]!]))
  const isSection = (key: string) => settings.some(({ path }) => path.startsWith(`${key}.`))
  const flat = Object.entries(config).flatMap(([key, value]) =>
    isSection(key) && isObject(value)
      ? Object.entries(value).map(([inner, one]) => [`${key}.${inner}`, one] as const)
      : [[key, value] as const],
  )
  const values = new Map(flat)
  for (const [path, value] of values) {
    const isSecret = settings.find((setting) => setting.path === path)?.secret
    if (value === undefined && isSecret) warnings.push(`${path} in ${file} is undefined, so it is not set`)
    if (!known.has(path)) errors.push(`${file}: expected a known key, got ${path}${keyHint(path, known)}`)
    if (isSection(path)) errors.push(`${path} in ${file}: expected an object, got ${kindOf(value)}`)
  }
  return gather(({ path }) => {
    const name = (index?: number) => `${path}${index === undefined ? '' : `[${index}]`} in ${file}`
    return values.get(path) === undefined ? undefined : { value: values.get(path), name }
  })
}

/** The key that was meant: given without its section, by its variable (`jwtSecret` for `auth.secret`), or misspelt. */
function keyHint(given: string, known: Iterable<string>): string {
  const keys = new Map<string, string>()
  for (const { path, env } of settings) {
    keys.set(path.split('.').at(-1)!, path)
    if (env !== undefined) keys.set(env.replace('HEADCOUNT_', '').replaceAll('_', ''), path)
  }
  for (const key of known) keys.set(key, key)
  return didYouMean(given, keys.keys(), (near) => keys.get(near)!)
}

function gather(find: (setting: Setting) => Given | undefined): Source {
  return Object.fromEntries(
    settings.flatMap((setting) => {
      const given = find(setting)
      return given === undefined ? [] : [[setting.path, given]]
    }),
  )
}

import { didYouMean } from '@headcount/core'
import type { ConfigFile } from './config-file.js'
import { type Setting, sections, settings } from './definitions.js'
import type { FlagValues } from './flags.js'
import { isObject } from './kinds.js'
import { type Given, nameKind, type SettingsErrors } from './settings-errors.js'

/** Values by the path of their setting. */
export type Source = Readonly<Record<string, Given>>

export type Env = Readonly<Record<string, string | undefined>>

export const configVariable = 'HEADCOUNT_CONFIG'

export function fromFlags(flags: FlagValues): Source {
  return gather(({ flag, kind }) => {
    const texts = flag === undefined ? undefined : flags.get(flag)
    return texts && { value: kind.read(texts), name: () => `--${flag}` }
  })
}

/**
 * The environment. An empty variable counts as unset: `HEADCOUNT_REDIS_URL=${REDIS_URL:-}` in a Compose file leaves
 * such behind. A misspelt variable is an error.
 */
export function fromEnv(env: Env, errors: SettingsErrors): Source {
  const known = [...settings.flatMap((setting) => setting.env ?? []), configVariable]
  for (const [name, value] of Object.entries(env)) {
    const isKnown = known.includes(name)
    if (!name.startsWith('HEADCOUNT_') || (isKnown && !isServiceLink(name, value))) continue
    const hint = didYouMean(
      name.slice(10),
      known.map((one) => one.slice(10)),
      (near) => `HEADCOUNT_${near}`,
    )
    if (isKnown) errors.warn(`${name} is ignored: it is a Kubernetes service link`)
    else if (isServiceLink(name, value)) continue
    else if (hint === '') errors.warn(`${name} is ignored: headcount has no such variable`)
    else errors.add(`expected a known variable, got ${name}${hint}`)
  }
  return gather(({ env: name = '', kind }) => {
    const text = env[name]
    return text && !isServiceLink(name, text) ? { value: kind.read([text]), name: () => name } : undefined
  })
}

/** Whether Kubernetes set the variable, as it does in every pod for a service named `headcount` or `headcount-…`. */
function isServiceLink(name: string, value = ''): boolean {
  return /_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP|SCTP)/.test(name) || /^(tcp|udp|sctp):\/\//.test(value)
}

/** The config file. Unknown keys are errors. */
export function fromFile({ name: file, config }: ConfigFile, errors: SettingsErrors): Source {
  const entries = Object.entries(config).flatMap(([key, value]) =>
    isSection(key) && isObject(value)
      ? Object.entries(value).map(([inner, one]) => [`${key}.${inner}`, one] as const)
      : [[key, value] as const],
  )
  const values = new Map(entries.filter(([, value]) => value !== undefined))
  const known = [...settings.map(({ path }) => path), ...sections]
  for (const [path, value] of values) {
    if (isSection(path)) errors.add(`${path} in ${file}: expected an object, got ${nameKind(value)}`)
    else if (!known.includes(path)) errors.add(`${file}: expected a known key, got ${path}${didYouMean(path, known)}`)
  }
  for (const { path } of settings.filter(({ secret }) => secret)) {
    if (entries.some(([key, value]) => key === path && value === undefined)) {
      errors.warn(`${path} in ${file} is undefined, so it is not set`)
    }
  }
  return gather(({ path }) => {
    if (!values.has(path)) return undefined
    const name = (index?: number) => `${path}${index === undefined ? '' : `[${index}]`} in ${file}`
    return { value: values.get(path), name }
  })
}

const isSection = (key: string) => (sections as readonly string[]).includes(key)

function gather(find: (setting: Setting) => Given | undefined): Source {
  const entries = settings.map((setting) => [setting.path, find(setting)] as const)
  return Object.fromEntries(entries.filter((entry): entry is [string, Given] => entry[1] !== undefined))
}

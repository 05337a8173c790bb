import { type FlagValues, split } from './flags.js'
import type { Label } from './problems.js'
import { configEnv, type Setting, settingsTable } from './table.js'

/** Settings as one source gave them, laid out as in the config file and not yet checked. */
export interface Given {
  readonly values: Readonly<Record<string, unknown>>
  readonly label: Label
}

/** The settings among the flags. */
export function fromFlags(flags: FlagValues): Given {
  return gather(
    ({ flag }) => (flag === undefined ? undefined : flags[flag.name]),
    ({ flag }) => `--${flag?.name}`,
  )
}

/** The settings among the environment's variables. An empty one is as good as none: Compose files leave such behind. */
export function fromEnv(env: Readonly<Record<string, string | undefined>>): Given {
  return gather(
    (setting) => env[setting.env] || undefined,
    (setting) => setting.env,
  )
}

/** Where the config file is, if somebody says; and who says so. */
export function configPath(
  flags: FlagValues,
  env: Readonly<Record<string, string | undefined>>,
): { readonly path: string; readonly label: string } | undefined {
  if (typeof flags.config === 'string') return { path: flags.config, label: '--config' }
  const path = env[configEnv]
  return path ? { path, label: configEnv } : undefined
}

function gather(
  find: (setting: Setting) => string | readonly string[] | true | undefined,
  name: (setting: Setting) => string,
): Given {
  const values: Record<string, unknown> = {}
  for (const setting of settingsTable) {
    const found = find(setting)
    if (found !== undefined) put(values, setting.path.split('.'), read(setting.kind, found))
  }
  return {
    values,
    label: (path) => {
      const at = path.join('.')
      const setting = settingsTable.find(({ path }) => at === path || at.startsWith(`${path}.`))
      return setting === undefined ? at : name(setting)
    },
  }
}

function put(values: Record<string, unknown>, [first, second]: string[], value: unknown): void {
  if (second === undefined) values[first!] = value
  else values[first!] = { ...(values[first!] as object | undefined), [second]: value }
}

const switches: Readonly<Record<string, boolean>> = {
  ...{ '1': true, true: true, yes: true, on: true },
  ...{ '0': false, false: false, no: false, off: false },
}

/** What cannot be read as its kind stays text, for the check to name. */
function read(kind: Setting['kind'], given: string | readonly string[] | true): unknown {
  if (typeof given !== 'string') return given
  const text = given.trim()
  switch (kind) {
    case 'number':
      return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text
    case 'list':
      return split(text)
    case 'switch':
      return switches[text.toLowerCase()] ?? text
    case 'text':
      return given
  }
}

import { type Setting, settings } from './definitions.js'
import type { LoadedSettings } from './load.js'
import { valueAt } from './reload.js'
import { format } from './settings-errors.js'

/** A setting as it is in effect, for people. */
export interface EffectiveSetting {
  readonly path: string
  /** JSON without secrets; in parentheses what happens without a value, or that a secret is set. */
  readonly value: string
  /** The name under which it was given: `--port`, `HEADCOUNT_PORT`, `port in headcount.config.ts`, or `default`. */
  readonly source: string
}

/** Every setting, in the order of docs/SETTINGS.md. */
export function effectiveSettings({ values, sourceOf }: LoadedSettings): readonly EffectiveSetting[] {
  return settings.map((setting) => ({
    path: setting.path,
    value: shown(setting, valueAt(values, setting.path)),
    source: sourceOf(setting.path) ?? 'default',
  }))
}

function shown({ secret, help }: Setting, value: unknown): string {
  if (value === undefined) return `(${/\(([^)]+)\)$/.exec(help)?.[1] ?? 'not set'})`
  if (secret) return '(set, not shown)'
  return format(value)
}

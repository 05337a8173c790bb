import type { EffectiveSetting } from '@headcount/server'
import { type Setting, settings, type Values } from './definitions.js'
import { valueAt } from './reload.js'
import { format } from './settings-errors.js'

/**
 * Every setting, in the order of docs/SETTINGS.md. Its value is JSON without secrets; in parentheses, what happens
 * without a value, or that a secret is set. Its source is `--port`, `HEADCOUNT_PORT`, `port in headcount.config.ts`, or
 * `default`.
 */
export function effectiveSettings(
  values: Values,
  sourceOf: (path: string) => string | undefined,
): readonly EffectiveSetting[] {
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

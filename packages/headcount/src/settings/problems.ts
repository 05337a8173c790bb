import { didYouMean } from '@headcount/core'
import type { z } from 'zod'
import { type Config, configSchema, keysAt } from './schema.js'
import { secretPaths } from './table.js'

/** How a person gave the setting at a place of the config: `--port`, `HEADCOUNT_PORT`, `port in headcount.config.js`. */
export type Label = (path: readonly PropertyKey[]) => string

/** What one source gave, checked, or a line for each thing that is wrong with it. */
export type Checked =
  | { readonly config: Config; readonly problems: readonly [] }
  | { readonly problems: readonly string[] }

/** Checks what one source gave. No line holds a secret. */
export function check(given: unknown, label: Label): Checked {
  const result = configSchema.safeParse(given)
  if (result.success) return { config: result.data, problems: [] }
  return { problems: result.error.issues.flatMap((issue) => linesOf(issue, given, label)) }
}

function linesOf(issue: z.core.$ZodIssue, given: unknown, label: Label): string[] {
  if (issue.code !== 'unrecognized_keys') {
    return [`${label(issue.path)}: expected ${issue.message}, got ${shown(valueAt(given, issue.path), issue.path)}`]
  }
  const known = keysAt(issue.path)
  return issue.keys.map(
    (key) => `${label([...issue.path, key])}: expected a known key, got ${key}${didYouMean(key, known)}`,
  )
}

/** `topics[1].settle`. */
export function written(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  )
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null) return value
    return (value as Record<PropertyKey, unknown>)[key]
  }, given)
}

const longest = 100

function shown(value: unknown, path: readonly PropertyKey[]): string {
  if (secretPaths.has(path.join('.'))) return typeof value === 'string' ? 'an empty text' : kindOf(value)
  if (typeof value === 'string') {
    const text = JSON.stringify(withoutCredentials(value))
    return text.length > longest ? `${text.slice(0, longest)}…` : text
  }
  return typeof value === 'object' && value !== null ? kindOf(value) : String(value)
}

/** What a value is, where the value itself is not to be shown. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A URL may hold a name and a password: `redis://name:password@host`. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@')
}

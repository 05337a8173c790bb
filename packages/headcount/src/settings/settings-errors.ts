import { HeadcountError } from '@headcount/core'
import type { Setting } from './definitions.js'

/** An unchecked value of a setting from a source. */
export interface Given {
  readonly value: unknown
  /** The name of the setting in the source: `--port`, `topics[1] in headcount.config.ts`. */
  name(index?: number): string
}

/** Collects the errors of settings, one line each. No line shows a secret. */
export class SettingsErrors {
  readonly errors: string[] = []
  /** Settings that work, but should be changed. */
  readonly warnings: string[] = []

  /** The value in its final form. If it is invalid, adds a line and returns undefined. */
  check({ kind, secret }: Setting, { value, name }: Given): unknown {
    const failed = Symbol()
    try {
      return kind.check(value, (expected, got, index) => {
        this.errors.push(`${name(index)}: expected ${expected}, got ${secret ? kindOf(got) : shortFormat(got)}`)
        throw failed
      })
    } catch (error) {
      if (error !== failed) throw error
      return undefined
    }
  }

  /** @throws {HeadcountError} `bad_setting`, with all lines. */
  throwIfAny(): void {
    if (this.errors.length > 0) throw badSetting(this.errors.join('\n'))
  }
}

export function badSetting(message: string, cause?: unknown): HeadcountError {
  return new HeadcountError('bad_setting', message, { cause })
}

/** Describes a value without showing it: an empty secret is often from a file or a variable that is empty. */
export function kindOf(value: unknown): string {
  if (value === '') return 'an empty text'
  if (Array.isArray(value) && value.length === 0) return 'an empty list'
  return Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value
}

/**
 * The value as JSON, without secrets and without the parts of a URL that may be one: name and password, as in
 * `redis://name:password@host`, query, and the path of a webhook. A webhook is an object, or a text in a list.
 */
export function format(value: unknown): string {
  const hide = (key: string, inner: unknown): unknown => {
    if (/secret/i.test(key)) return '(set)'
    if (typeof inner !== 'string' || !/^(url|\d+)$/.test(key)) return inner
    // The path of a Redis is the number of a database.
    return inner.replace(/^((?!redis)[^:]+:\/\/[^/?#]*)[/?#].+/is, '$1/…')
  }
  const text = JSON.stringify(value, hide) ?? kindOf(value)
  return text.replace(/("([a-z][a-z0-9+.-]*:\/\/)?).*@/is, '$1…@').replace(/(:\/\/[^"?]*\?)[^"]+/g, '$1…')
}

/** The same, truncated to 100 characters. */
const shortFormat = (value: unknown): string => format(value).replace(/^(.{100}).+/s, '$1…')

/** An argument as JSON. A long one is not shown: it may be a misplaced token. */
export function argumentText(text: string): string {
  return text.length < 24 ? format(text) : `one of ${text.length} characters`
}

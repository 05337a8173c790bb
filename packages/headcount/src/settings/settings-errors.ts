import { HeadcountError } from '@headcount/core'
import type { Setting } from './definitions.js'

/** The value that a source gives to a setting, not checked yet. */
export interface Given {
  readonly value: unknown
  /** How the source names the setting: `--port`, `topics[1] in headcount.config.ts`. */
  name(index?: number): string
}

/** Collects what is wrong with the settings, one line each. No line shows a secret. */
export class SettingsErrors {
  readonly #lines: string[] = []
  /** What works, but should be changed. */
  readonly warnings: string[] = []

  add(line: string): void {
    this.#lines.push(line)
  }

  warn(line: string): void {
    this.warnings.push(line)
  }

  /** The value in its final form. Where it is invalid, adds a line and returns undefined. */
  check({ kind, secret }: Setting, { value, name }: Given): unknown {
    const failed = Symbol()
    try {
      return kind.check(value, (expected, got, index) => {
        this.add(`${name(index)}: expected ${expected}, got ${secret ? nameKind(got) : format(got)}`)
        throw failed
      })
    } catch (error) {
      if (error !== failed) throw error
      return undefined
    }
  }

  /** @throws {HeadcountError} `bad_setting`, with all lines. */
  throwIfAny(): void {
    if (this.#lines.length > 0) throw badSetting(this.#lines.join('\n'))
  }
}

export function badSetting(message: string, cause?: unknown): HeadcountError {
  return new HeadcountError('bad_setting', message, { cause })
}

/** Longest text that is shown whole. */
const maxShown = 100

function format(value: unknown): string {
  if (typeof value === 'object') return nameKind(value)
  if (typeof value !== 'string') return String(value)
  const text = JSON.stringify(withoutCredentials(value))
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text
}

/** Describes a value without showing it. */
export function nameKind(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (value === '' || value === null || value === undefined) return value === '' ? 'an empty text' : String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A URL may hold a name and a password: `redis://name:password@host`. */
function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@')
}

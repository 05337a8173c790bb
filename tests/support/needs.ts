import { describe, it } from 'vitest'
import { type ProgramName, programs } from './programs.mjs'

/**
 * `describe` for tests that need a program beside Node. On a machine without it they are skipped, and a line says
 * what to install; on CI (`CI=true`) that is a failure.
 */
export function describeWith(need: ProgramName, title: string, tests: () => void): void {
  const { what, find, install } = programs[need]
  if (find() !== undefined) {
    describe(title, tests)
  } else if (process.env.CI === 'true') {
    describe(title, () => {
      it(`has ${what} to run with`, () => {
        throw new Error(`expected ${what}, got none: ${install}`)
      })
    })
  } else {
    console.warn(`SKIPPED "${title}": it needs ${what}: ${install}.`)
    describe.skip(title, tests)
  }
}

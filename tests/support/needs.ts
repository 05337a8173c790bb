import { type ProgramName, programs } from '@headcount/tools/processes/programs.mjs'
import { describe, it } from 'vitest'

/**
 * `describe` for tests that need a program besides Node. On a machine without it they are skipped, with a line that
 * names the program to install; on CI (`CI=true`) that is a failure.
 */
export function describeWith(need: ProgramName, title: string, tests: () => void): void {
  const { name, find, install } = programs[need]
  if (find() !== undefined) return void describe(title, tests)
  if (process.env.CI === 'true') {
    describe(title, () => {
      it(`needs ${name}`, () => {
        throw new Error(`${name} is not installed: ${install}`)
      })
    })
  } else {
    console.warn(`SKIPPED "${title}" needs ${name}: ${install}.`)
    describe.skip(title, tests)
  }
}

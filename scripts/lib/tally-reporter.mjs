import { writeFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: string[], skipped: string[] }} Tally Passed tests; names of the others. */

/**
 * A reporter of Vitest that writes a {@link Tally} to the file TALLY_FILE. Unlike Vitest's own JSON it counts unhandled
 * errors and failed hooks as failures.
 */
export default class TallyReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<{ message?: string }>} unhandled
   * @param {import('vitest/node').TestRunEndReason} reason
   */
  onTestRunEnd(modules, unhandled, reason) {
    /** @type {Tally} */
    const tally = { passed: 0, failed: [], skipped: [] }
    for (const module of modules) {
      const file = module.relativeModuleId
      tally.failed.push(...module.errors().map(({ message }) => `${file}: ${firstLine(message)}`))
      for (const suite of module.children.allSuites()) {
        tally.failed.push(...suite.errors().map(({ message }) => `${file}: ${suite.fullName}: ${firstLine(message)}`))
      }
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') tally.passed++
        else if (state === 'skipped') tally.skipped.push(`${file}: ${test.fullName}`)
        else tally.failed.push(`${file}: ${test.fullName}${state === 'pending' ? ' (did not end)' : ''}`)
      }
    }
    // One error may be thrown hundreds of times.
    tally.failed.push(...new Set(unhandled.map(({ message }) => `unhandled error: ${firstLine(message)}`)))
    if (reason === 'interrupted') tally.failed.push('the run was interrupted')
    writeFileSync(/** @type {string} */ (process.env.TALLY_FILE), JSON.stringify(tally))
  }
}

/** @param {string | undefined} message */
function firstLine(message = 'no message') {
  return message.split('\n')[0]
}

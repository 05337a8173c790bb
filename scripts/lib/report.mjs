/**
 * What a test run has come to: counts the tests that passed, keeps the names of those that failed or were skipped.
 *
 * Where `strict`, a skipped test is a failed one: on CI nothing may be left out in silence.
 */
export class Report {
  passed = 0
  /** @type {string[]} */
  failed = []
  /** @type {string[]} */
  skipped = []
  #strict

  /** @param {{ strict: boolean }} options */
  constructor({ strict }) {
    this.#strict = strict
  }

  pass(count = 1) {
    this.passed += count
  }

  /** @param {string} name */
  fail(name) {
    this.failed.push(name)
  }

  /** @param {string} name */
  skip(name) {
    if (this.#strict) this.failed.push(`${name} (skipped, and CI skips nothing)`)
    else this.skipped.push(name)
  }

  /** 0 where at least one test passed and none failed. */
  get exitCode() {
    return this.passed > 0 && this.failed.length === 0 ? 0 : 1
  }

  /** @returns {string[]} What failed and what was skipped by name, then the totals as the last line. */
  lines() {
    return [
      ...named('Skipped', this.skipped),
      ...named('Failed', this.failed),
      `${this.passed} passed, ${this.failed.length} failed, ${this.skipped.length} skipped`,
    ]
  }
}

/**
 * @param {string} title
 * @param {string[]} names
 */
function named(title, names, most = 30) {
  if (names.length === 0) return []
  const more = names.length > most ? [`  … and ${names.length - most} more`] : []
  return ['', `${title}:`, ...names.slice(0, most).map((name) => `  ${name}`), ...more, '']
}

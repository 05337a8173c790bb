/** The results of a test run. If `strict`, as in CI, a skipped test is a failure. */
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
    if (this.#strict) this.fail(`${name} (skipped)`)
    else this.skipped.push(name)
  }

  /** 0 if at least one test passed and none failed. */
  get exitCode() {
    return this.passed > 0 && this.failed.length === 0 ? 0 : 1
  }

  /** The names of skipped and failed tests, then the totals. */
  lines() {
    return [
      ...list('Skipped', this.skipped),
      ...list('Failed', this.failed),
      `${this.passed} passed, ${this.failed.length} failed, ${this.skipped.length} skipped`,
    ]
  }
}

/** @param {string} title @param {string[]} names */
function list(title, names, max = 30) {
  if (names.length === 0) return []
  const more = names.length > max ? [`  … and ${names.length - max} more`] : []
  return ['', `${title}:`, ...names.slice(0, max).map((name) => `  ${name}`), ...more, '']
}

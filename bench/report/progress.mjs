import { now } from '../measure/now.mjs'
import { labelOf } from '../server/systems.mjs'

/** Says which trial runs, what it gave, and about how long the rest will take. */
export class Progress {
  #steps
  /** Seconds of each trial so far. @type {number[]} */
  #took = []
  #stepBegun = now()

  /** @param {readonly import('../plan.mjs').Step[]} steps */
  constructor(steps) {
    this.#steps = steps
    console.log(`${steps.length} trials.`)
  }

  /** @param {number} i */
  begin(i) {
    this.#stepBegun = now()
    if (process.stdout.isTTY) process.stdout.write(`${this.#title(i)} …`)
  }

  /**
   * @param {number} i
   * @param {Record<string, import('../trial.mjs').Figures>} parts
   */
  end(i, parts) {
    const took = (now() - this.#stepBegun) / 1000
    this.#took[i] = took
    const left = this.#steps.slice(i + 1).reduce((sum, step) => sum + this.#expected(step), 0)
    const figures = Object.values(parts).map(brief).join(' | ')
    const clear = process.stdout.isTTY ? '\r\x1b[K' : ''
    const rest = `${took.toFixed(0)} s; about ${Math.ceil(left / 60)} min left`
    console.log(`${clear}${this.#title(i)}: ${figures} (${rest})`)
  }

  /**
   * @param {number} i
   * @param {unknown} error
   * @returns {string} What is said.
   */
  failed(i, error) {
    const text = `${this.#title(i)}: not measured: ${error instanceof Error ? error.message : error}`
    console.log(`${process.stdout.isTTY ? '\r\x1b[K' : ''}${text}`)
    return text
  }

  /** As long as its like took, or else as long as any. @param {import('../plan.mjs').Step} step */
  #expected({ scenario, size, system }) {
    const like = this.#took.filter((_, i) => {
      const done = this.#steps[i]
      return done?.scenario === scenario && done.size === size && done.system === system
    })
    return mean(like.length > 0 ? like : this.#took)
  }

  /** @param {number} i */
  #title(i) {
    const step = this.#steps[i]
    if (step === undefined) return ''
    const { scenario, size, system, repeat } = step
    return `[${i + 1}/${this.#steps.length}] ${scenario.name} ${size}, ${labelOf(system)}, #${repeat}`
  }
}

/** @param {readonly number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

/** What somebody who watches wants to see. @param {import('../trial.mjs').Figures} figures */
function brief(figures) {
  const shown = [
    'cpu',
    'frames',
    'p50',
    'rssEach',
    'cpuEach',
    'joinsEach',
    'joinBusiest',
    'fanBusiest',
    'sentEach',
    'wrong',
  ]
  const trouble = ['lost', 'missing'].filter((name) => (figures[name] ?? 0) > 0)
  return [...shown.filter((name) => figures[name] !== undefined), ...trouble]
    .map((name) => `${name} ${Number((figures[name] ?? 0).toPrecision(3))}`)
    .join(', ')
}

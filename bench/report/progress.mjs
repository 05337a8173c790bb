import { now } from '../measure/now.mjs'
import { labelOf } from '../server/systems.mjs'

/** Says which trial runs, what it gave, and about how long the rest will take. */
export class Progress {
  #steps
  #begun = now()
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
    const left = ((now() - this.#begun) / (i + 1)) * (this.#steps.length - i - 1)
    const figures = Object.values(parts).map(brief).join(' | ')
    const clear = process.stdout.isTTY ? '\r\x1b[K' : ''
    const rest = `${took.toFixed(0)} s; about ${Math.ceil(left / 60_000)} min left`
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

  /** @param {number} i */
  #title(i) {
    const step = this.#steps[i]
    if (step === undefined) return ''
    const { scenario, size, system, repeat } = step
    return `[${i + 1}/${this.#steps.length}] ${scenario.name} ${size}, ${labelOf(system)}, #${repeat}`
  }
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

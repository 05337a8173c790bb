/**
 * @typedef {import('../server/systems.mjs').SystemName} SystemName
 *
 * @typedef {object} Group One system at one size, all repeats.
 * @property {string} scenario
 * @property {number} size
 * @property {SystemName} system
 * @property {Map<number, import('../trial.mjs').Figures>} repeats
 */

/** What was measured, by scenario, size and system. */
export class Summary {
  /** @type {Group[]} */
  groups = []

  /** @param {readonly import('../run.mjs').Measured[]} measured */
  constructor(measured) {
    for (const { scenario, size, system, repeat, figures } of measured) {
      let group = this.#find(scenario, size, system)
      if (group === undefined) {
        group = { scenario, size, system, repeats: new Map() }
        this.groups.push(group)
      }
      group.repeats.set(repeat, figures)
    }
  }

  /**
   * One figure of each repeat; none where it was not measured.
   *
   * @param {string} scenario
   * @param {number} size
   * @param {SystemName} system
   * @param {string} name
   */
  values(scenario, size, system, name) {
    const group = this.#find(scenario, size, system)
    return group === undefined ? [] : valuesOf(group, name)
  }

  /**
   * How two stand to each other in one figure, repeat by repeat: what else the machine did in one repeat fell on both.
   *
   * @param {{ scenario: string, size: number, system: SystemName, name: string }} over
   * @param {Partial<{ size: number, system: SystemName, name: string }>} under What is different below the line.
   */
  ratios(over, under) {
    const top = this.#find(over.scenario, over.size, over.system)
    const bottom = this.#find(over.scenario, under.size ?? over.size, under.system ?? over.system)
    if (top === undefined || bottom === undefined) return []
    return [...top.repeats].flatMap(([repeat, figures]) => {
      const a = figures[over.name]
      const b = bottom.repeats.get(repeat)?.[under.name ?? over.name]
      return a === undefined || b === undefined ? [] : [a / b]
    })
  }

  /**
   * @param {string} scenario
   * @param {number} size
   * @param {SystemName} system
   */
  #find(scenario, size, system) {
    return this.groups.find((one) => one.scenario === scenario && one.size === size && one.system === system)
  }
}

/**
 * @param {Group} group
 * @param {string} name
 */
export function valuesOf({ repeats }, name) {
  return [...repeats.values()].flatMap((figures) => figures[name] ?? [])
}

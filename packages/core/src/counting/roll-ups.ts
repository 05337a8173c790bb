/** What roll-ups need of a topic rule. */
interface Rule {
  readonly pattern: string
  readonly alsoIn: readonly string[]
  readonly shield: number
}

/** Most topics that one pattern may name in `alsoIn`: each join changes so many further counts. */
export const maxRollUps = 4

/**
 * Checks the roll-ups of rules against each other: each is a topic that a pattern allows, and that has no roll-up
 * itself. So one join changes a bounded number of topics, and no circle is possible. The shield of a roll-up is a
 * multiple of that of its source: both together then show no more of the source than it does itself.
 * @throws what `invalid` makes.
 */
export function checkRollUps(
  rules: readonly Rule[],
  ruleFor: (topic: string) => Rule | undefined,
  invalid: (pattern: string, message: string) => Error,
): void {
  for (const source of rules) {
    for (const topic of source.alsoIn) {
      const target = ruleFor(topic)
      const got = `got ${JSON.stringify(topic)}`
      if (target === undefined) {
        throw invalid(source.pattern, `expected alsoIn to name topics that a pattern allows, ${got}, which none does`)
      }
      if (target === source) {
        throw invalid(
          source.pattern,
          `expected alsoIn to name topics of other patterns, ${got}, which it matches itself`,
        )
      }
      if (target.alsoIn.length > 0) {
        const chain = `whose pattern ${JSON.stringify(target.pattern)} has an alsoIn itself`
        throw invalid(source.pattern, `expected alsoIn to name topics that count in no further ones, ${got}, ${chain}`)
      }
      if (source.shield > 0 && (target.shield === 0 || target.shield % source.shield !== 0)) {
        const expected = `expected alsoIn to name topics with a shield of ${source.shield} or a multiple of it`
        throw invalid(source.pattern, `${expected}, ${got}, which has ${target.shield}`)
      }
    }
  }
}

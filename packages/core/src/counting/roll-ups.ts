interface Rule {
  readonly pattern: string
  readonly alsoIn: readonly string[]
  readonly shield: number
}

/** Maximum number of topics in `alsoIn` of one pattern: each join also changes the counts of all of them. */
export const maxRollUps = 4

/**
 * Checks the topics that rules name in `alsoIn`. Each must be allowed by another rule, and that rule must have no
 * `alsoIn` of its own: so a join changes a bounded number of topics, and rules cannot form a cycle. If the source has a
 * shield, the shield of the roll-up must be a multiple of it: otherwise the two counts together would reveal more about
 * the source than its own count does.
 * @param ruleFor returns the rule that allows a topic; undefined for none.
 * @param invalid returns the error to throw for a pattern.
 * @throws the error that `invalid` returns.
 */
export function checkRollUps(
  rules: readonly Rule[],
  ruleFor: (topic: string) => Rule | undefined,
  invalid: (pattern: string, message: string) => Error,
): void {
  for (const source of rules) {
    for (const topic of source.alsoIn) {
      const target = ruleFor(topic)
      const wrong = (expected: string, reason: string): Error =>
        invalid(source.pattern, `expected alsoIn to name ${expected}, got ${JSON.stringify(topic)}, ${reason}`)
      if (target === undefined) throw wrong('topics that a pattern allows', 'which none does')
      if (target === source) throw wrong('topics of other patterns', 'which it matches itself')
      if (target.alsoIn.length > 0) {
        const pattern = JSON.stringify(target.pattern)
        throw wrong('topics that count in no further ones', `whose pattern ${pattern} has an alsoIn itself`)
      }
      if (source.shield > 0 && (target.shield === 0 || target.shield % source.shield !== 0))
        throw wrong(`topics with a shield of ${source.shield} or a multiple of it`, `which has ${target.shield}`)
    }
  }
}

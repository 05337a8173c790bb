import { HeadcountError } from '../runtime/errors.js'

/** What a presence is counted as: each channel for itself, or each person once. */
export type Unit = 'connections' | 'people'

/** How the topics of one pattern are counted, and by whom they may be joined. */
export interface TopicRule {
  /** A topic's whole name, or the start of names followed by one `*`: `lobby`, `video:*`, `*`. */
  readonly pattern: string
  readonly unit: Unit
  /** How long, in ms, a leave is held back in case the person comes back. 0 where connections are counted. */
  readonly grace: number
  /** `users`: only a signed-in client may join. */
  readonly access: 'everyone' | 'users'
}

/** A pattern, alone or with what it sets apart from the defaults. */
export type TopicRuleOption = string | (Partial<TopicRule> & Pick<TopicRule, 'pattern'>)

export interface TopicDefaults {
  readonly unit: Unit
  readonly grace: number
}

/** Which rule a topic falls under. */
export interface TopicRules {
  /** Every rule, whole, in the order given. */
  readonly rules: readonly TopicRule[]
  /** The first rule, in the order given, whose pattern fits the topic's name; undefined where none allows it. */
  match(topic: string): TopicRule | undefined
}

/** The longest grace, in ms: a day. */
export const maxGrace = 86_400_000

/** The topic that Phoenix keeps for itself. */
const reserved = 'phoenix'

/**
 * Reads topic patterns. Matching is one look-up and a walk over the prefixes.
 * @param maxBytes the longest name of a topic, in bytes of UTF-8; a longer one matches nothing, nor does an empty one
 * or `phoenix`.
 * @throws {HeadcountError} `bad_option` where a rule is not what it may be.
 */
export function topicRules(given: readonly TopicRuleOption[], defaults: TopicDefaults, maxBytes = 255): TopicRules {
  const rules = given.map((option) => rule(typeof option === 'string' ? { pattern: option } : option, defaults))
  const exact = new Map<string, number>()
  const prefixes: { readonly start: string; readonly index: number }[] = []
  for (const [index, { pattern }] of rules.entries()) {
    if (pattern.endsWith('*')) prefixes.push({ start: pattern.slice(0, -1), index })
    else if (!exact.has(pattern)) exact.set(pattern, index)
  }
  const first = (topic: string): number | undefined => {
    const named = exact.get(topic)
    for (const { start, index } of prefixes) {
      if (named !== undefined && named < index) break
      if (topic.startsWith(start)) return index
    }
    return named
  }
  return {
    rules,
    match(topic) {
      if (topic === '' || topic === reserved || !fits(topic, maxBytes)) return undefined
      const index = first(topic)
      return index === undefined ? undefined : rules[index]
    },
  }
}

/** A UTF-16 unit is 1 to 3 bytes of UTF-8, so the bytes are seldom counted. Half a pair of units is no UTF-8 at all. */
function fits(topic: string, maxBytes: number): boolean {
  if (topic.length > maxBytes || /\p{Surrogate}/u.test(topic)) return false
  return topic.length * 3 <= maxBytes || Buffer.byteLength(topic) <= maxBytes
}

function rule(given: Partial<TopicRule> & Pick<TopicRule, 'pattern'>, defaults: TopicDefaults): TopicRule {
  const { pattern } = given
  checkPattern(pattern)
  const unit = given.unit ?? defaults.unit
  if (unit !== 'connections' && unit !== 'people')
    throw bad(pattern, `expected a unit of "connections" or "people", got ${JSON.stringify(unit)}`)
  const access = given.access ?? 'everyone'
  if (access !== 'everyone' && access !== 'users')
    throw bad(pattern, `expected an access of "everyone" or "users", got ${JSON.stringify(access)}`)
  return { pattern, unit, grace: graceOf(given, unit, defaults), access }
}

/** A default grace is for the patterns that count people; a pattern's own must make sense where it stands. */
function graceOf(given: Partial<TopicRule> & Pick<TopicRule, 'pattern'>, unit: Unit, defaults: TopicDefaults): number {
  const grace = given.grace ?? (given.unit === 'connections' ? 0 : defaults.grace)
  if (!Number.isInteger(grace) || grace < 0 || grace > maxGrace)
    throw bad(
      given.pattern,
      `expected a grace of 0 to ${maxGrace} ms, got ${typeof grace === 'number' ? grace : JSON.stringify(grace)}`,
    )
  if (grace > 0 && unit === 'connections') {
    throw bad(
      given.pattern,
      `expected unit "people" beside a grace of ${grace} ms, got "connections": only a person's key says that the one who comes back is the one who left`,
    )
  }
  return grace
}

function checkPattern(pattern: unknown): void {
  const expected = 'expected a topic\'s name, or the start of names followed by one "*" (such as "video:*")'
  if (typeof pattern !== 'string' || pattern === '')
    throw new HeadcountError('bad_option', `${expected}, got ${JSON.stringify(pattern)}`)
  const star = pattern.indexOf('*')
  if (star !== -1 && star !== pattern.length - 1) throw bad(pattern, `${expected}, got a "*" before the end`)
  if (pattern === reserved) throw bad(pattern, `${expected}, got the topic that Phoenix keeps for itself`)
}

function bad(pattern: string, message: string): HeadcountError {
  return new HeadcountError('bad_option', `topic pattern ${JSON.stringify(pattern)}: ${message}`)
}

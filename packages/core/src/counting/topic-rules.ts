import type { HistoryOptions } from '../engine/engine.js'
import { isInternal } from '../engine/internal-topics.js'
import type { PartialOptions } from '../runtime/defaults.js'
import { didYouMean } from '../runtime/did-you-mean.js'
import { HeadcountError } from '../runtime/errors.js'
import { checkRollUps, maxRollUps } from './roll-ups.js'

/** Which clients may join and read a topic. */
export type Access = 'everyone' | 'users' | 'token'

/** The unit that is counted: every channel, or every person once. */
export type Unit = 'connections' | 'people'

/** The readers of the history of a topic: `none`, because it has none; operators; or all who may read its counts. */
export type HistoryReaders = 'none' | 'operators' | 'readers'

/** How the topics of one pattern are counted, and which clients may join them. */
export interface TopicRule {
  /** The full name of a topic, or a prefix followed by one `*`: `lobby`, `video:*`, `*`. */
  readonly pattern: string
  readonly unit: Unit
  /** How long, in ms, a decrease waits before it is shown. 0 shows it at once. */
  readonly settle: number
  /**
   * Which clients may join and read: `users` for signed-in ones, `token` for those whose token has a claim `topics`
   * with a pattern that matches the topic.
   */
  readonly access: Access
  /** Whether a topic has a badge: an image of its count, for those who may read it. */
  readonly badge: boolean
  /** Full names of other topics in which its presences count too, each by the unit of its own pattern. */
  readonly alsoIn: readonly string[]
  /**
   * The smallest count that is shown as a number, and the step of those above it; changes show only at ticks. 0 shows
   * every count.
   */
  readonly shield: number
  /**
   * Whether the totals of the last day are kept, and who may read them. They are not rounded, so `readers` excludes a
   * shield.
   */
  readonly history: HistoryReaders
}

/** A rule with its relations to the other rules. */
export interface MatchedRule extends TopicRule {
  readonly rollUps: readonly { readonly topic: string; readonly rule: MatchedRule }[]
  /** Whether presences of other topics count here, too. */
  readonly isRollUp: boolean
}

/** A rule whose relations are being found. */
interface LinkedRule extends TopicRule {
  readonly rollUps: { readonly topic: string; readonly rule: MatchedRule }[]
  isRollUp: boolean
}

/** A pattern, alone or with the values that differ from the defaults. */
export type TopicRuleOption = string | (PartialOptions<TopicRule> & Pick<TopicRule, 'pattern'>)

/** The values of a pattern that does not set its own. */
type Defaults = Pick<TopicRule, 'unit' | 'settle'> & Partial<Pick<TopicRule, 'history'>>

export interface TopicRules {
  /** Every rule with its defaults filled in, in the given order. */
  readonly rules: readonly TopicRule[]
  /** The first rule whose pattern matches; undefined if no pattern allows the topic. */
  match(topic: string): MatchedRule | undefined
}

/** Longest settle time, in ms: ten minutes. */
export const maxSettle = 600_000

const maxShield = 10_000

/** The topic that Phoenix reserves for heartbeats. */
const reserved = 'phoenix'

const keys = ['pattern', 'unit', 'settle', 'access', 'badge', 'alsoIn', 'shield', 'history']
export const historyReaders: readonly HistoryReaders[] = ['none', 'operators', 'readers']

/**
 * Compiles topic patterns. A match costs one map lookup and one pass over the prefixes.
 * @param maxBytes longest topic, in bytes of UTF-8. A longer topic matches nothing, nor does an empty one,
 * `phoenix`, or one that begins with U+0000.
 * @throws {HeadcountError} `bad_option` if a rule is invalid, with a line for each unknown key of all rules.
 */
export function topicRules(options: readonly TopicRuleOption[], defaults: Defaults, maxBytes = 255): TopicRules {
  // Before the patterns, whose own key may be the misspelt one.
  const unknown = options.map(asObject).flatMap(unknownKeys)
  if (unknown.length > 0) throw new HeadcountError('bad_option', unknown.join('\n'))
  const rules = options.map((option) => ruleOf(asObject(option), defaults))
  const exact = new Map<string, number>()
  const prefixes: { readonly prefix: string; readonly index: number }[] = []
  for (const [index, { pattern }] of rules.entries()) {
    if (pattern.endsWith('*')) prefixes.push({ prefix: pattern.slice(0, -1), index })
    else if (!exact.has(pattern)) exact.set(pattern, index)
  }
  const linked = rules.map((rule): LinkedRule => ({ ...rule, rollUps: [], isRollUp: false }))
  const match = (topic: string): LinkedRule | undefined => {
    if (!isName(topic, maxBytes)) return undefined
    const byName = exact.get(topic)
    for (const { prefix, index } of prefixes) {
      if (byName !== undefined && byName < index) break
      if (topic.startsWith(prefix)) return linked[index]
    }
    return byName === undefined ? undefined : linked[byName]
  }
  checkRollUps(linked, match, invalid)
  for (const { alsoIn, rollUps } of linked) {
    for (const topic of alsoIn) {
      const rule = match(topic)!
      rule.isRollUp = true
      rollUps.push({ topic, rule })
    }
  }
  return { rules, match }
}

/** The histories that the engine records; undefined for none. @param max maximum number of topics with a history. */
export function recordedTopics({ rules, match }: TopicRules, max: number): HistoryOptions | undefined {
  const records = (topic: string): boolean => (match(topic)?.history ?? 'none') !== 'none'
  return rules.some(({ history }) => history !== 'none') ? { records, topics: max } : undefined
}

/** Whether a pattern, valid or not, matches a topic. Only a `*` at its end stands for more. */
export function matchesPattern(pattern: string, topic: string): boolean {
  return pattern.endsWith('*') ? topic.startsWith(pattern.slice(0, -1)) : topic === pattern
}

/** A UTF-16 unit takes 1 to 3 bytes of UTF-8, so bytes are rarely counted. A lone surrogate has no UTF-8 form. */
function isName(topic: unknown, maxBytes: number): topic is string {
  if (typeof topic !== 'string' || topic === '' || topic === reserved || isInternal(topic)) return false
  if (topic.length > maxBytes || /\p{Surrogate}/u.test(topic)) return false
  return topic.length * 3 <= maxBytes || Buffer.byteLength(topic) <= maxBytes
}

function asObject(option: TopicRuleOption): PartialOptions<TopicRule> {
  return typeof option === 'object' && option !== null ? option : { pattern: option }
}

function unknownKeys(rule: PartialOptions<TopicRule>): string[] {
  const unknown = Object.keys(rule).filter((key) => !keys.includes(key))
  const expected = `expected only ${keys.join(', ')}`
  return unknown.map((key) => messageOf(rule.pattern, `${expected}, got ${format(key)}${didYouMean(key, keys)}`))
}

function ruleOf(given: PartialOptions<TopicRule>, defaults: Defaults): TopicRule {
  const { pattern, unit = defaults.unit, settle = defaults.settle, access = 'everyone' } = given
  const { badge = false, alsoIn = [], shield = 0, history = defaultHistory(defaults, given) } = given
  const expect = (valid: boolean, expected: string, got: unknown): void => {
    if (!valid) throw invalid(pattern, `expected ${expected}, got ${format(got)}`)
  }
  checkPattern(pattern)
  expect(unit === 'connections' || unit === 'people', 'a unit of "connections" or "people"', unit)
  expect(['everyone', 'users', 'token'].includes(access), 'an access of "everyone", "users" or "token"', access)
  const settles = Number.isInteger(settle) && settle >= 0 && settle <= maxSettle
  expect(settles, `a settle time of 0 to ${maxSettle} ms`, settle)
  expect(typeof badge === 'boolean', 'a badge of true or false', badge)
  const areNames = Array.isArray(alsoIn) && alsoIn.every((topic) => typeof topic === 'string' && !topic.includes('*'))
  const isBounded = areNames && alsoIn.length <= maxRollUps && new Set(alsoIn).size === alsoIn.length
  expect(isBounded, `alsoIn to be a list of up to ${maxRollUps} different topics, without "*"`, alsoIn)
  const shields = shield === 0 || (Number.isInteger(shield) && shield >= 2 && shield <= maxShield)
  expect(shields, `a shield of 0, or of 2 to ${maxShield}`, shield)
  expect(historyReaders.includes(history), 'a history of "none", "operators" or "readers"', history)
  const isHidden = shield === 0 || history !== 'readers'
  expect(isHidden, 'a history of "none" or "operators" beside a shield, which a history would undo', history)
  return { pattern, unit, settle, access, badge, alsoIn, shield, history }
}

/** With a shield, a default of `readers` means `operators`. */
function defaultHistory({ history = 'none' }: Defaults, { shield = 0 }: PartialOptions<TopicRule>): HistoryReaders {
  return history === 'readers' && shield !== 0 ? 'operators' : history
}

function checkPattern(pattern: unknown): asserts pattern is string {
  const expected = 'expected the name of a topic, or a prefix followed by one "*" (such as "video:*")'
  if (typeof pattern !== 'string' || pattern === '') throw invalid(undefined, `${expected}, got ${format(pattern)}`)
  const star = pattern.indexOf('*')
  if (star !== -1 && star !== pattern.length - 1) throw invalid(pattern, `${expected}, got a "*" before the end`)
  if (pattern === reserved) throw invalid(pattern, `${expected}, got the topic that Phoenix reserves`)
}

function invalid(pattern: string | undefined, message: string): HeadcountError {
  return new HeadcountError('bad_option', messageOf(pattern, message))
}

function messageOf(pattern: string | undefined, message: string): string {
  const named = pattern === undefined ? '' : ` ${JSON.stringify(pattern)}`
  return `topic pattern${named}: ${message}`
}

function format(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

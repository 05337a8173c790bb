import { errorText } from '@headcount/core'
import { RedisEngineError } from './errors.js'

/** A script that fails at the start does not name its first command. */
const firstOfScript = 'time'

/** The ACL rule that allows each command of the engine. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/^eval/, '+@scripting'],
  [/^h/, '+@hash'],
  [/^s(add|rem|card|randmember)$/, '+@set'],
  [/^(exists|pexpire|del)$/, '+@keyspace'],
  [/^x/, '+@stream'],
  [/^z/, '+@sortedset'],
  [/^(get|set)$/, '+@string'],
  [/publish$|subscribe$|^pubsub/, '+@pubsub'],
  [/^time$/, '+time'],
]

/**
 * An error that names what the Redis user may not do, and the ACL rules that allow it.
 * @param missing commands; `key` and `channel` if it may not use those with our prefix.
 */
export function noPermission(missing: readonly string[], prefix: string): RedisEngineError {
  const ruleOf = (name: string) => {
    if (name === 'key') return `~${prefix}:*`
    if (name === 'channel') return `&${prefix}:*`
    return rules.find(([command]) => command.test(name))?.[1] ?? `+${name}`
  }
  const expected = [...new Set(missing.map(ruleOf))].join(' ')
  const got = [...new Set(missing.map((name) => (/^(key|channel)$/.test(name) ? `use of our ${name}s` : name)))]
  const given = `one without permission for ${got.join(', ')}`
  const message = `expected a Redis user with the ACL rules ${expected}, got ${given}`
  return new RedisEngineError('no_permission', message)
}

/** An error that names commands that this Redis does not have: they were renamed, or it is another server. */
export function noCommand(names: readonly string[]): RedisEngineError {
  return new RedisEngineError(
    'no_permission',
    `expected a Redis with the commands ${names.join(', ')}, got one without`,
  )
}

/** The missing permission of a refused command, for `noPermission`; undefined if it failed for another reason. */
export function missingPermission(error: unknown): string | undefined {
  const message = errorText(error)
  if (/can't run this command|ACL failure in script/.test(message)) return firstOfScript
  if (!message.includes('NOPERM')) return undefined
  if (message.includes('channel')) return 'channel'
  return /'([\w|]+)' command/.exec(message)?.[1]?.toLowerCase() ?? 'key'
}

/** The command that this Redis does not have, for `noCommand`; undefined if it failed for another reason. */
export function unknownCommand(error: unknown): string | undefined {
  const message = errorText(error)
  if (!/unknown .*command/i.test(message)) return undefined
  return /'(\w+)'/.exec(message)?.[1]?.toLowerCase() ?? firstOfScript
}

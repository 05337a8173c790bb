import { readFileSync } from 'node:fs'
import type { HistoryMinute, HistoryState } from '@headcount/core'
import type { HistoryStep } from '@headcount/testing/engine'
import { createClient } from '@redis/client'

/** The Redis command TIME, with a time that is passed in. All others are real. */
const fakeTime = `
local real, given = redis, table.remove(ARGV)
local redis = { pcall = real.pcall }
function redis.call(command, ...)
  if command == 'TIME' then return { math.floor(given / 1000), given % 1000 * 1000 } end
  return real.call(command, ...)
end
`

/** Writes totals to a topic without a record, then runs one step of the rule like the script of commits. */
const step = `
local before, after, refresh, max = argument(), argument(), argument() == '1', tonumber(argument())
if before == '' then real.call('DEL', KEYS[1]) else real.call('HSET', KEYS[1], 't', before, 'v', '1', 'h', '1') end
local topic = open(KEYS[1], 'r', {})
topic.totals = numbers(after, 2)
update_version(topic)
update_history(topic, max, refresh)
write(topic, 1, false)
`

const read = (file: string) => readFileSync(new URL(`../../packages/redis/lua/${file}.lua`, import.meta.url), 'utf8')
const text = [fakeTime, read('topic'), read('record-history'), step].join('\n')

/** The history rule in Lua, on a Redis, with times that are passed in. */
export async function historyScript(url: string, max = 10) {
  const client = await createClient({ url }).connect()
  const topicKey = (topic: string) => `hc:{0}:topic:${topic}`
  const historyKey = (topic: string) => `hc:{0}:history:${topic}`
  const numbersOf = (text: string) => text.split(' ').map(Number)
  return {
    client,
    historyKey,
    topicKey,
    async play(topic: string, given: HistoryStep): Promise<void> {
      const [before, after] = 'found' in given ? [given.found, given.found] : [given.before, given.after]
      const isEmpty = before.every((count) => count === 0)
      await client.eval(text, {
        keys: [topicKey(topic)],
        arguments: [
          ...['2', '60000', 'PUBLISH', isEmpty ? '' : before.join(' '), after.join(' ')],
          ...['found' in given ? '1' : '0', String(max), String(given.at)],
        ],
      })
    },
    async recorded(topic: string): Promise<{ state: HistoryState | undefined; minutes: HistoryMinute[] }> {
      const { s, ...minutes } = await client.hGetAll(historyKey(topic))
      const [since, seen, ...totals] = numbersOf(s ?? '')
      return {
        state: s === undefined ? undefined : { since: since!, seen: seen!, totals },
        minutes: Object.values(minutes).map(numbersOf),
      }
    },
  }
}

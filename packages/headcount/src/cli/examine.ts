import { randomInt } from 'node:crypto'
import { errorText } from '@headcount/core'
import { type Verdict, examine as verdictsOf } from '../examine/examine.js'
import { type Flag, parseArguments } from '../settings/flags.js'
import { argumentText, badSetting } from '../settings/settings-errors.js'
import type { Command } from './command.js'
import { flagRows, helpText } from './help.js'

const flags: readonly Flag[] = [
  { name: 'clients', value: 'N', help: 'how many clients, from 2 to 2000 (200)' },
  { name: 'topic', value: 'TOPIC', help: 'start of the topics that they join (examine)' },
  { name: 'scenario', value: 'NAME', help: 'storm, leave, rejoin or slow-reader, repeatable (all)' },
  { name: 'wait', value: 'MS', help: 'quiet before a wrong count is final; more than the longest settle time (1500)' },
  { name: 'seed', value: 'N', help: 'repeats a run (random, printed)' },
  { name: 'json', help: 'print each result as a line of JSON' },
]

const maxClients = 2_000
/** A little more than the longest `settle`, in ms. */
const maxWait = 660_000

/** `headcount examine ws://localhost:4000`: tests whether a server's counts are exact. */
export const examine: Command = {
  help: helpText({
    usage: 'examine URL… [flags]',
    about:
      'Connects clients to a server that speaks Phoenix Channels and sends counts of users and viewers as\n' +
      'presence_state and presence_diff, lets them come and go, and compares the number that each shows in the end\n' +
      'with how many are there. Several URLs are servers of one cluster. HEADCOUNT_TOKEN is sent as their token.\n' +
      'The exit code is 1 if one client was wrong. A topic with a settle time needs a longer --wait. One with a\n' +
      'shield is not exact by design, and limits hold: with a token 100 clients count (presencesPerUser). Examine\n' +
      'only servers that are yours.',
    tables: { Flags: flagRows(flags) },
  }),
  async run(args, { env, print }) {
    const { values, rest } = parseArguments(flags, args)
    if (rest.length === 0) throw badSetting('expected a URL such as ws://localhost:4000, got none')
    const urls = rest.map(parseUrl)
    const clients = parseNumber('clients', values.get('clients')?.at(-1) ?? '200', 2, maxClients)
    const seed = parseNumber('seed', values.get('seed')?.at(-1) ?? String(randomInt(2 ** 31)), 0, 2 ** 32)
    const wait = parseNumber('wait', values.get('wait')?.at(-1) ?? '1500', 100, maxWait)
    const topic = values.get('topic')?.at(-1) ?? 'examine'
    const json = values.has('json')
    const only = values.get('scenario')
    if (!json) print(`${clients} clients, seed ${seed}\n\n${row('scenario', 'joined', 'wrong', 'share', '')}`)
    let wrong = 0
    try {
      for await (const verdict of verdictsOf({ urls, clients, topic, seed, only, wait, token: env.HEADCOUNT_TOKEN })) {
        wrong += verdict.wrong
        print(json ? JSON.stringify({ ...verdict, seed }) : lineOf(verdict))
      }
    } catch (error) {
      throw badSetting(`${urls.join(', ')}: ${errorText(error)}`, error)
    }
    if (wrong > 0 && !json) print(`\n${wrongHint}`)
    return wrong === 0 ? 0 : 1
  },
}

const wrongHint = [
  'Does a pattern have a settle time? Repeat with a --wait that is longer. One with a shield is not exact by design.',
  'Does a limit hold (presencesPerAddress; presencesPerUser with a token)? Repeat with fewer --clients.',
].join('\n')

const row = (scenario: string, joined: string, wrong: string, share: string, example: string): string =>
  `${scenario.padEnd(12)}${joined.padStart(7)}${wrong.padStart(7)}${share.padStart(7)}  ${example}`.trimEnd()

function lineOf({ scenario, about, joined, wrong, shown }: Verdict): string {
  const share = `${Math.round((wrong / Math.max(joined, 1)) * 100)} %`
  const example = shown === undefined ? about : `${about}; one of the wrong shows ${shown ?? 'no number'}`
  return row(scenario, String(joined), String(wrong), share, example)
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^(ws|http)s?:$/.test(url.protocol)) {
    throw badSetting(`expected a URL such as ws://localhost:4000, got ${argumentText(text)}`)
  }
  return `${url.protocol.replace('http', 'ws')}//${url.host}${url.pathname}`
}

function parseNumber(flag: string, text: string, from: number, to: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (number >= from && number <= to) return number
  throw badSetting(`--${flag}: expected a whole number from ${from} to ${to}, got ${JSON.stringify(text)}`)
}

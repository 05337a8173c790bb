import { errorText, HeadcountError } from '@headcount/core'
import { type Flag, parseFlags } from '../settings/flags.js'
import { badSetting } from '../settings/settings-errors.js'
import { sparkline } from '../watch/board.js'
import { boundedJson } from '../watch/bounded-json.js'
import { printable } from '../watch/printable.js'
import type { Command } from './command.js'
import { flagRows, helpText } from './help.js'
import { pause } from './pause.js'
import { createScreen } from './screen.js'
import { requestError, serverUrl, urlFlag, urlHint } from './server-url.js'
import { table } from './table.js'

const flags: readonly Flag[] = [
  urlFlag,
  { name: 'prefix', value: 'TEXT', help: 'only topics that begin with it' },
  { name: 'sort', value: 'BY', help: 'count or joins (count)' },
  { name: 'limit', value: 'N', help: 'how many topics, from 1 to 100 (20)' },
  { name: 'json', help: 'print the answer of the server once, as JSON' },
]

/** The interval and the timeout of requests, in ms; the number of samples of a line. */
const [interval, timeout, samples] = [2_000, 8_000, 30]

/** Longest answer, in characters: a hundred topics of the longest names. */
const maxLength = 2 ** 21

interface Page {
  readonly topics: readonly { readonly topic: string; readonly count: number; readonly joins: number }[]
}

/** `headcount top`: shows the busiest topics. */
export const top: Command = {
  help: helpText({
    usage: 'top [flags]',
    about:
      'Shows the topics with the highest counts, or joins a second, of all servers of the cluster: a table in a\n' +
      'terminal until Ctrl-C, and otherwise once. HEADCOUNT_OPERATOR_KEY is the key; the operator port needs none.',
    tables: { Flags: flagRows(flags) },
  }),
  async run(args, { env, terminal, print, onStop }) {
    const values = parseFlags(flags, args)
    const query = new URLSearchParams({ limit: values.get('limit')?.at(-1) ?? '20' })
    for (const name of ['prefix', 'sort']) for (const value of values.get(name) ?? []) query.set(name, value)
    const server = serverUrl(values, env)
    const url = `${server}/api/topics?${query}`
    const key = env.HEADCOUNT_OPERATOR_KEY
    const stop = new AbortController()
    const read = () => readPage(url, key, stop.signal)
    const readOnce = () =>
      read().catch((error: unknown) => {
        throw error instanceof HeadcountError ? error : requestError(server, error)
      })
    if (values.has('json')) print(JSON.stringify(await readOnce()))
    else if (terminal === undefined) for (const line of linesOf(await readOnce())) print(line)
    else {
      const undo = onStop(() => stop.abort())
      const screen = createScreen(terminal)
      const counts = new Map<string, number[]>()
      let [lines, hint] = [['…'], `; ${urlHint}`]
      while (!stop.signal.aborted) {
        const page = await read().catch((error: Error) => {
          if (error instanceof HeadcountError) throw error
          return error
        })
        if (stop.signal.aborted) break
        let problem = ''
        if (page instanceof Error) problem = `${errorText(page)}${hint}; trying again`
        else [lines, hint] = [linesOf(page, counts), '']
        screen(lines, problem)
        await pause(interval, stop.signal)
      }
      undo()
    }
    return 0
  },
}

/** @throws {HeadcountError} `bad_setting` if the server refuses the request. */
async function readPage(url: string, key: string | undefined, stopped: AbortSignal): Promise<Page> {
  const headers = key === undefined ? {} : { Authorization: `Bearer ${key}` }
  // Not AbortSignal.timeout: Node 20 may collect it as garbage within AbortSignal.any before it has fired.
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error(`no answer within ${timeout / 1000} s`)), timeout)
  const read = async () => {
    const response = await fetch(url, { headers, signal: AbortSignal.any([stopped, late.signal]) })
    const body = await boundedJson(response, maxLength).catch(() => undefined)
    return { response, body: body as (Page & { readonly error?: { readonly message?: string } }) | undefined }
  }
  const { response, body } = await read().finally(() => clearTimeout(timer))
  if (response.ok && isPage(body)) return body
  const { message = `status ${response.status}` } = body?.error ?? {}
  if (response.status >= 500 || response.status === 429) throw new Error(printable(String(message)))
  const text =
    response.status !== 401
      ? printable(String(message))
      : key === undefined
        ? `${printable(String(message))} (HEADCOUNT_OPERATOR_KEY)`
        : 'the server does not accept the key in HEADCOUNT_OPERATOR_KEY'
  throw badSetting(`${new URL(url).origin}: ${text}`)
}

/** Whether an answer has the expected fields: another kind of server may listen at the address. */
function isPage(body: Page | undefined): body is Page {
  const isRow = (row: Partial<Page['topics'][number]> | null): boolean =>
    typeof row?.topic === 'string' && Number.isFinite(row.count) && Number.isFinite(row.joins)
  return Array.isArray(body?.topics) && body.topics.every(isRow)
}

/** @param counts the last counts of each topic; those of the page are added. */
function linesOf({ topics }: Page, counts = new Map<string, number[]>()): string[] {
  const shown = new Set(topics.map(({ topic }) => topic))
  for (const topic of [...counts.keys()]) if (!shown.has(topic)) counts.delete(topic)
  const rows = topics.map(({ topic, count, joins }) => {
    const line = [...(counts.get(topic) ?? []), count].slice(-samples)
    counts.set(topic, line)
    return [printable(topic), String(count), joins.toFixed(2), line.length > 1 ? sparkline(line) : '']
  })
  return table([['TOPIC', 'COUNT', 'JOINS/S', ''], ...rows])
}

import { errorText, HeadcountError } from '@headcount/core'
import { type Flag, parseArguments } from '../settings/flags.js'
import { badSetting } from '../settings/settings-errors.js'
import { countsText, createBoard } from '../watch/board.js'
import { readCounts, type StreamOptions, type TopicCounts } from '../watch/count-stream.js'
import { printable } from '../watch/printable.js'
import { createRetryDelay } from '../watch/retry-delay.js'
import type { Command } from './command.js'
import type { Environment } from './environment.js'
import { flagRows, helpText } from './help.js'
import { pause } from './pause.js'
import { createScreen } from './screen.js'
import { serverUrl, urlFlag, urlHint } from './server-url.js'

const flags: readonly Flag[] = [urlFlag, { name: 'json', help: 'print each change as a line of JSON' }]

/** The limit of a stream. */
const maxTopics = 100
/** Between two samples of the totals, in ms. */
const sampleInterval = 1_000
/** Minimum time between two redraws of the table, in ms. */
const redrawInterval = 100

/** `headcount watch video:42`: shows the live counts of topics. */
export const watch: Command = {
  help: helpText({
    usage: 'watch TOPIC… [flags]',
    about:
      'Shows the counts of topics as they change, until Ctrl-C: a table in a terminal, and otherwise a line for\n' +
      'each change. It is not counted itself. HEADCOUNT_TOKEN is the token for topics that need one.',
    tables: { Flags: flagRows(flags) },
  }),
  async run(args, environment) {
    const { values, rest: topics } = parseArguments(flags, args)
    if (topics.length === 0) throw badSetting('expected one topic or more, got none')
    if (topics.length > maxTopics) throw badSetting(`expected at most ${maxTopics} topics, got ${topics.length}`)
    const url = serverUrl(values, environment.env)
    const stop = new AbortController()
    const undo = environment.onStop(() => stop.abort())
    const view = values.has('json') ? json(environment) : viewOf(environment, topics)
    try {
      await showCounts({ url, topics, token: environment.env.HEADCOUNT_TOKEN, signal: stop.signal }, view)
    } finally {
      view.end?.()
      undo()
    }
    return 0
  },
}

interface View {
  show(counts: TopicCounts): void
  /** Shows a problem of the connection, or of one topic. */
  problem(text: string, topic?: string): void
  /** The connection no longer has a problem. */
  connected?(): void
  end?(): void
}

/** Reads counts until it is asked to stop. Reconnects after a lost connection. @throws permanent errors. */
async function showCounts(request: StreamOptions, view: View): Promise<void> {
  const retryDelay = createRetryDelay()
  const { signal } = request
  let hint = `; ${urlHint}`
  while (!signal.aborted) {
    let isConnected = false
    const problem = await (async () => {
      for await (const event of readCounts(request)) {
        if (!isConnected) {
          isConnected = true
          retryDelay.succeeded()
          hint = ''
          view.connected?.()
        }
        if ('error' in event) view.problem(printable(`${event.topic}: ${event.error.message}`), event.topic)
        else view.show(event)
      }
      return 'the server ended the stream'
    })().catch((error: Error) => {
      if (error instanceof HeadcountError) throw error
      // Without a response, `fetch` throws a TypeError.
      return `${errorText(error)}${error instanceof TypeError ? hint : ''}`
    })
    if (signal.aborted) return
    view.problem(`${problem}; trying again`)
    hint = ''
    await pause(retryDelay.next(), signal)
  }
}

const viewOf = (environment: Environment, topics: readonly string[]): View =>
  environment.terminal === undefined ? lines(environment) : table(environment.terminal, topics)

/** `{"at":"2026-11-26T12:00:00.000Z","topic":"video:42","counts":…}` */
function json({ print, printError }: Environment): View {
  return {
    show: ({ topic, counts }) => print(JSON.stringify({ at: new Date().toISOString(), topic, counts })),
    problem: (text) => printError(`headcount: ${text}`),
  }
}

/** `2026-11-26T12:00:00.000Z video:42 12 users, 340 viewers` */
function lines(environment: Environment): View {
  const { print } = environment
  const show = ({ topic, counts }: TopicCounts): void =>
    print(`${new Date().toISOString()} ${printable(topic)} ${countsText(counts)}`)
  return { ...json(environment), show }
}

/** A table that is drawn over the previous one. */
function table(terminal: NonNullable<Environment['terminal']>, topics: readonly string[]): View {
  const board = createBoard(topics)
  const screen = createScreen(terminal)
  let problem: string | undefined
  let waiting: NodeJS.Timeout | undefined
  const draw = (): void => {
    clearTimeout(waiting)
    waiting = undefined
    screen(board.lines(terminal.columns()), problem ?? '')
  }
  const drawSoon = (): void => {
    waiting ??= setTimeout(draw, redrawInterval)
  }
  const sampling = setInterval(() => {
    board.sample()
    drawSoon()
  }, sampleInterval)
  return {
    show: (counts) => {
      board.show(counts)
      drawSoon()
    },
    problem: (text, topic) => {
      problem = text
      board.lose(topic)
      drawSoon()
    },
    connected: () => {
      problem = undefined
      drawSoon()
    },
    end: () => {
      clearInterval(sampling)
      draw()
    },
  }
}

import type { Counts } from '@headcount/protocol'
import { sameCounts } from '../client/shown-counts.js'
import { pause, until } from '../until.js'
import { type Expected, expectedOf } from './expected.js'
import { Player } from './player.js'
import { countedTopic, inTopic, type Line, type Recording } from './recording.js'
import type { Difference, ReplayOptions } from './replay-options.js'

/** Longer pauses, in ms, are shortened: nothing happens in them. */
const longPause = 300
const shortPause = 150

/**
 * Replays the clients of a recording, in order and with its pauses, and compares the server's frames to those of
 * Phoenix. Frames that were sent back to back are sent in one write.
 *
 * Before each step, everything that Phoenix had sent before it must have arrived. At each recorded truth, every
 * connection in the topic and the HTTP API must show it.
 * @returns the differences: none if the server conforms.
 */
export async function replay(recorded: Recording, options: ReplayOptions): Promise<Difference[]> {
  const recording = options.topic === undefined ? recorded : inTopic(recorded, options.topic)
  const player = new Player(options)
  const expected = expectedOf(recording)
  try {
    for (const step of stepsOf(recording.lines)) {
      await pause(step.pause > longPause ? shortPause : step.pause)
      const due = expected.filter(({ line }) => line < step.line)
      const differences = await differencesOf(due, player, options)
      if (differences.length > 0) return differences
      const truth = recording.lines[step.line]!
      if (truth.kind !== 'truth') await player.perform(step.lines)
      else {
        const wrong = await wrongCounts(truth.counts, step.line, player, options)
        if (wrong.length > 0) return wrong
      }
    }
    return [...(await differencesOf(expected, player, options)), ...surplus(expected, player), ...player.badDiffs()]
  } finally {
    player.drop()
  }
}

/** Lines that are performed together. */
interface Step {
  /** Index of the first line. */
  readonly line: number
  readonly lines: readonly Line[]
  /** In ms since the step before. */
  readonly pause: number
}

/** Adjacent frames of one client, at most a millisecond apart, are one step. */
function stepsOf(lines: readonly Line[]): Step[] {
  const steps: { line: number; lines: Line[]; pause: number }[] = []
  let before: Line | undefined
  for (const [line, each] of lines.entries()) {
    if (each.kind === 'note') continue
    const isAdjacent = each.kind === 'sent' && before?.kind === 'sent' && before.conn === each.conn
    if (isAdjacent && each.at - (before?.at ?? 0) <= 1) steps.at(-1)!.lines.push(each)
    else if (each.kind === 'truth' || each.kind === 'connect' || each.kind.startsWith('sent')) {
      steps.push({ line, lines: [each], pause: each.at - (before?.at ?? 0) })
    }
    before = each
  }
  return steps
}

/** Waits until each connection has received its expected frames; @returns its first difference, if any. */
async function differencesOf(
  due: readonly Expected[],
  player: Player,
  { within = 10_000 }: ReplayOptions,
): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const conn of new Set(due.map((each) => each.conn))) {
    const own = due.filter((each) => each.conn === conn)
    await until('all that is due', () => player.received(conn).length >= own.length, { within }).catch(() => {})
    const received = player.received(conn)
    const first = own.findIndex(({ text }, i) => text !== received[i])
    if (first === -1) continue
    const { line, text } = own[first]!
    differences.push({ line: line + 1, conn, expected: text, got: received[first] ?? 'nothing' })
  }
  return differences
}

function surplus(expected: readonly Expected[], player: Player): Difference[] {
  return player.connections.flatMap((conn) => {
    const due = expected.filter((each) => each.conn === conn).length
    const more = player.received(conn).slice(due)
    return more.map((got) => ({ line: Number.POSITIVE_INFINITY, conn, expected: 'nothing more', got }))
  })
}

async function wrongCounts(
  truth: Counts,
  line: number,
  player: Player,
  { urls, topic = countedTopic, within = 10_000 }: ReplayOptions,
): Promise<Difference[]> {
  const shown = player.joined(topic).map((conn) => [conn, () => player.shown(conn, topic)] as const)
  const fetched = urls.map((url) => [url, () => countsAt(url, topic)] as const)
  const wrong = await Promise.all(
    [...shown, ...fetched].map(async ([conn, read]): Promise<Difference[]> => {
      const right = await until('the truth', async () => sameCounts(await read(), truth), { within }).catch(() => false)
      if (right) return []
      return [{ line: line + 1, conn, expected: JSON.stringify(truth), got: JSON.stringify(await read()) }]
    }),
  )
  return wrong.flat()
}

async function countsAt(url: string, topic: string): Promise<Counts> {
  const response = await fetch(`${url}/api/counts/${encodeURIComponent(topic)}`)
  return ((await response.json()) as { counts: Counts }).counts
}

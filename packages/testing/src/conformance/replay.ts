import type { Counts } from '@headcount/protocol'
import { sameCounts } from '../article/shown.js'
import { pause, until } from '../until.js'
import { type Expected, expectedOf } from './expected.js'
import { Player } from './player.js'
import type { Line, Recording } from './recording.js'

export interface ReplayOptions {
  /** The servers, `http://host:port`: connections take them in turn, all of one cluster that nobody else uses. */
  readonly urls: readonly string[]
  /** The token of the user that the recording names with a `user_id` param. */
  tokenOf(user: string): string
  /** How long, in ms, to wait for what is due: 10,000 unless given. */
  readonly within?: number
}

/** Something that did not go as recorded. */
export interface Difference {
  /** The line of the recording, 1 being the one after the title. */
  readonly line: number
  readonly conn: string
  readonly expected: string
  readonly got: string
}

/** The topic that the recorded truths are of. */
const counted = 'my_channel'

/** Pauses longer than this, in ms, are cut: nothing in the recordings happens on its own in them. */
const longPause = 300
const cutPause = 150

/**
 * Replays the clients' side of a recording, in order and with its pauses, and holds what the server says against what
 * Phoenix said. Frames that were sent in one breath are sent in one write.
 *
 * Before each act, all that Phoenix had said by then must have been said; at each truth, every connection in the topic
 * must show it, and the server must tell it over HTTP.
 * @returns what differs: nothing where the server conforms.
 */
export async function replay(recording: Recording, options: ReplayOptions): Promise<Difference[]> {
  const player = new Player(options)
  const expected = expectedOf(recording)
  try {
    for (const act of acts(recording.lines)) {
      await pause(act.pause > longPause ? cutPause : act.pause)
      const due = expected.filter(({ line }) => line < act.line)
      const differences = await differencesOf(due, player, options)
      if (differences.length > 0) return differences
      const truth = recording.lines[act.line]!
      if (truth.kind !== 'truth') await player.perform(act.lines)
      else {
        const wrong = await wrongCounts(truth.counts, act.line, player, options)
        if (wrong.length > 0) return wrong
      }
    }
    return [...(await differencesOf(expected, player, options)), ...surplus(expected, player), ...player.badDiffs()]
  } finally {
    player.drop()
  }
}

/** Lines that the replayer acts on together. */
interface Act {
  /** Index of the first one. */
  readonly line: number
  readonly lines: readonly Line[]
  /** Since the act before, in ms. */
  readonly pause: number
}

/** A client's frames that stand next to each other, with no more than a millisecond between, are one act. */
function acts(lines: readonly Line[]): Act[] {
  const result: { line: number; lines: Line[]; pause: number }[] = []
  let before: Line | undefined
  let breath: Line | undefined
  for (const [line, each] of lines.entries()) {
    if (each.kind === 'note') continue
    const isFrame = each.kind === 'sent'
    if (isFrame && breath?.kind === 'sent' && breath.conn === each.conn && each.at - breath.at <= 1) {
      result.at(-1)!.lines.push(each)
    } else if (each.kind === 'truth' || each.kind === 'connect' || each.kind.startsWith('sent')) {
      result.push({ line, lines: [each], pause: each.at - (before?.at ?? 0) })
    }
    breath = isFrame ? each : undefined
    before = each
  }
  return result
}

/** Waits until a connection has heard all that is due, and says where it has heard something else. */
async function differencesOf(
  due: readonly Expected[],
  player: Player,
  { within = 10_000 }: ReplayOptions,
): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const conn of new Set(due.map((each) => each.conn))) {
    const words = due.filter((each) => each.conn === conn)
    await until('what was recorded', () => player.heard(conn).length >= words.length, { within }).catch(() => {})
    const heard = player.heard(conn)
    const first = words.findIndex((each, i) => each.words !== heard[i])
    if (first === -1) continue
    const { line, words: expected } = words[first]!
    differences.push({ line: line + 1, conn, expected, got: heard[first] ?? 'nothing' })
  }
  return differences
}

function surplus(expected: readonly Expected[], player: Player): Difference[] {
  return player.connections.flatMap((conn) => {
    const due = expected.filter((each) => each.conn === conn).length
    const more = player.heard(conn).slice(due)
    return more.map((got) => ({ line: Number.POSITIVE_INFINITY, conn, expected: 'nothing more', got }))
  })
}

async function wrongCounts(
  truth: Counts,
  line: number,
  player: Player,
  { urls, within = 10_000 }: ReplayOptions,
): Promise<Difference[]> {
  const say = (counts: Counts | undefined) => JSON.stringify(counts)
  const shown = player.inside(counted).map((conn) => [conn, () => player.shown(conn, counted)] as const)
  const told = urls.map((url) => [url, () => countsAt(url, counted)] as const)
  const wrong = await Promise.all(
    [...shown, ...told].map(async ([conn, read]): Promise<Difference[]> => {
      const right = await until('the truth', async () => sameCounts(await read(), truth), { within }).catch(() => false)
      if (right) return []
      return [{ line: line + 1, conn, expected: say(truth), got: say(await read()) }]
    }),
  )
  return wrong.flat()
}

async function countsAt(url: string, topic: string): Promise<Counts> {
  const response = await fetch(`${url}/api/counts/${topic}`)
  return ((await response.json()) as { counts: Counts }).counts
}

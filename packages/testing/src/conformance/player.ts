import type { Counts } from '@headcount/protocol'
import { taken } from '../client/frame.js'
import { UpgradeRefused } from '../client/refused.js'
import { WireClient } from '../client/wire-client.js'
import { endWords, frameWords, refusedWords } from './expected.js'
import type { Line } from './recording.js'
import type { Difference, ReplayOptions } from './replay.js'

/** Plays the clients of one recording against a server, and keeps what they heard. */
export class Player {
  readonly #options: ReplayOptions
  readonly #clients = new Map<string, WireClient | UpgradeRefused>()
  /** (connection, topic) -> the join_ref of the channel that is open there. */
  readonly #channels = new Map<string, { conn: string; topic: string; joinRef: unknown }>()

  constructor(options: ReplayOptions) {
    this.#options = options
  }

  get connections(): string[] {
    return [...this.#clients.keys()]
  }

  /** One act: a connect, a close, or frames in one write. */
  async perform(lines: readonly Line[]): Promise<void> {
    const [act] = lines
    if (act === undefined || !('conn' in act)) return
    if (act.kind === 'connect') {
      await this.#connect(act.conn, act.url)
      return
    }
    const client = this.#client(act.conn)
    if (act.kind === 'sent-close') client.socket.close()
    else if (act.kind === 'sent-binary') client.socket.send(act.data)
    else {
      client.stream.cork()
      for (const line of lines) if (line.kind === 'sent') this.#send(client, line)
      client.stream.uncork()
    }
  }

  /** What a connection has heard but for diffs, and how it ended, in the words of the expectations. */
  heard(conn: string): string[] {
    const client = this.#clients.get(conn)
    if (client === undefined) return []
    if (client instanceof UpgradeRefused) return [refusedWords(client.status)]
    const frames = client.heard.filter(({ event }) => event !== 'presence_diff').map(frameWords)
    return client.end === undefined ? frames : [...frames, endWords(client.end)]
  }

  /** What the article's reducer shows on a connection. */
  shown(conn: string, topic: string): Counts | undefined {
    return this.#client(conn).shown(topic)
  }

  /** The connections that are in a topic, by what they sent. */
  inside(topic: string): string[] {
    const open = [...this.#channels.values()].filter((channel) => channel.topic === topic)
    return open.map(({ conn }) => conn).filter((conn) => this.#client(conn).end === undefined)
  }

  /** Diffs that are not of the form that the README asks for, and breaches of exactness. */
  badDiffs(): Difference[] {
    return [...this.#clients].flatMap(([conn, client]) => {
      if (client instanceof UpgradeRefused) return []
      const diffs = client.heard.filter(({ event }) => event === 'presence_diff')
      const bad = diffs.filter(({ joinRef, ref, payload }) => {
        return joinRef !== null || ref !== null || !isCounts(payload.joins) || !isCounts(payload.leaves)
      })
      const faults = [...bad.map((diff) => JSON.stringify(diff)), ...client.faults]
      return faults.map((got) => ({ line: Number.NaN, conn, expected: 'exact diffs with every group', got }))
    })
  }

  /** Cuts whatever is still connected. */
  drop(): void {
    for (const client of this.#clients.values()) if (client instanceof WireClient) client.drop()
  }

  async #connect(conn: string, recorded: string): Promise<void> {
    const { urls, tokenOf } = this.#options
    const url = urls[this.#clients.size % urls.length]!
    const { user_id, vsn = null, ...params } = Object.fromEntries(new URL(recorded, url).searchParams)
    const token = user_id === undefined ? undefined : tokenOf(user_id)
    try {
      this.#clients.set(conn, await WireClient.open(url, { vsn, token, params }))
    } catch (error) {
      if (!(error instanceof UpgradeRefused)) throw error
      this.#clients.set(conn, error)
    }
  }

  #send(client: WireClient, { conn, frame }: Extract<Line, { kind: 'sent' }>): void {
    client.sendText(JSON.stringify(frame))
    const { joinRef, topic, event } = taken(frame)
    const place = JSON.stringify([conn, topic])
    const open = this.#channels.get(place)
    if (event === 'phx_join') this.#channels.set(place, { conn, topic, joinRef })
    else if (event === 'phx_leave' && (joinRef === null || joinRef === open?.joinRef)) {
      this.#channels.delete(place)
    }
  }

  #client(conn: string): WireClient {
    const client = this.#clients.get(conn)
    if (client instanceof WireClient) return client
    throw new Error(`expected connection ${conn} to be open, got ${client?.message ?? 'none'}`)
  }
}

function isCounts(counts: Partial<Counts> | undefined): boolean {
  const isCount = (count: unknown) => Number.isInteger(count) && (count as number) >= 0
  return isCount(counts?.users?.count) && isCount(counts?.viewers?.count)
}

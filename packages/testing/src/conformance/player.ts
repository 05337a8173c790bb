import type { Counts } from '@headcount/protocol'
import { frameOf } from '../client/frame.js'
import { UpgradeRefused } from '../client/upgrade-refused.js'
import { WireClient } from '../client/wire-client.js'
import { closeText, frameText, refusedText } from './expected.js'
import type { Line } from './recording.js'
import type { Difference, ReplayOptions } from './replay-options.js'

/** Plays the clients of one recording against a server, and records what they receive. */
export class Player {
  readonly #clients = new Map<string, WireClient | UpgradeRefused>()
  /** The joined channels, by connection and topic. */
  readonly #channels = new Map<string, { conn: string; topic: string; joinRef: unknown }>()

  constructor(private readonly options: ReplayOptions) {}

  get connections(): string[] {
    return [...this.#clients.keys()]
  }

  /** Performs one step: a connect, a close, or frames in one write. */
  async perform(lines: readonly Line[]): Promise<void> {
    const [first] = lines
    if (first === undefined || !('conn' in first)) return
    if (first.kind === 'connect') return this.#connect(first.conn, first.url)
    const client = this.#client(first.conn)
    if (first.kind === 'sent-close') client.socket.close()
    else if (first.kind === 'sent-binary') client.socket.send(first.data)
    else {
      client.stream.cork()
      for (const line of lines) if (line.kind === 'sent') this.#send(client, line)
      client.stream.uncork()
    }
  }

  /** The frames of a connection without diffs, and how it was closed; in the form of `Expected.text`. */
  received(conn: string): string[] {
    const client = this.#clients.get(conn)
    if (client === undefined) return []
    if (client instanceof UpgradeRefused) return [refusedText(client.status)]
    const frames = client.received.filter(({ event }) => event !== 'presence_diff').map(frameText)
    return client.closedWith === undefined ? frames : [...frames, closeText(client.closedWith)]
  }

  shown(conn: string, topic: string): Counts | undefined {
    return this.#client(conn).shown(topic)
  }

  /** The open connections that have joined a topic and not left it. */
  joined(topic: string): string[] {
    const channels = [...this.#channels.values()].filter((channel) => channel.topic === topic)
    return channels.map(({ conn }) => conn).filter((conn) => this.#client(conn).closedWith === undefined)
  }

  /** Diffs of an invalid form, and violations of exactness. */
  badDiffs(): Difference[] {
    return [...this.#clients].flatMap(([conn, client]) => {
      if (client instanceof UpgradeRefused) return []
      const diffs = client.received.filter(({ event }) => event === 'presence_diff')
      const bad = diffs.filter(({ joinRef, ref, payload }) => {
        return joinRef !== null || ref !== null || !isCounts(payload.joins) || !isCounts(payload.leaves)
      })
      const faults = [...bad.map((diff) => JSON.stringify(diff)), ...client.faults]
      return faults.map((got) => ({ line: Number.NaN, conn, expected: 'exact diffs with every group', got }))
    })
  }

  /** Drops the connections that are still open. */
  drop(): void {
    for (const client of this.#clients.values()) if (client instanceof WireClient) client.drop()
  }

  async #connect(conn: string, recorded: string): Promise<void> {
    const { urls, tokenOf } = this.options
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
    const { joinRef, topic, event } = frameOf(frame)
    const channel = JSON.stringify([conn, topic])
    const isCurrent = joinRef === null || joinRef === this.#channels.get(channel)?.joinRef
    if (event === 'phx_join') this.#channels.set(channel, { conn, topic, joinRef })
    else if (event === 'phx_leave' && isCurrent) this.#channels.delete(channel)
  }

  #client(conn: string): WireClient {
    const client = this.#clients.get(conn)
    if (client instanceof WireClient) return client
    throw new Error(`connection ${conn} is not open: ${client?.message ?? 'it was never opened'}`)
  }
}

function isCounts(counts: Partial<Counts> | undefined): boolean {
  const isCount = (count: unknown) => Number.isInteger(count) && (count as number) >= 0
  return isCount(counts?.users?.count) && isCount(counts?.viewers?.count)
}

/** What the operator's routes answer, as /api/openapi.json describes it: the parts that are shown. */
export type Counts = Readonly<Record<string, number>>

export interface BusiestPage {
  readonly topics: readonly { topic: string; count: number; counts: Counts; joins: number }[]
  readonly next: string | null
  readonly othersAtMost: number
  readonly unanswered: readonly string[]
}

export interface ReplicaStatus {
  readonly host: string
  readonly pid: number
  readonly version: string
  readonly uptime: number
  readonly sockets: number
  readonly channels: number
  readonly observers: number
  readonly streams: number
  readonly topics: number
  /** Null where the metrics of the server cannot be read. */
  readonly joins: number | null
  readonly refused: readonly { readonly counter: string; readonly code: string; readonly times: number }[]
  readonly lag: number
  readonly staleness: number | null
  readonly trouble: string | null
}

export interface Replica {
  readonly replica: string
  readonly isAsked: boolean
  readonly leaseAge: number
  readonly status: ReplicaStatus | null
}

export interface ReplicasReport {
  readonly lease: number
  readonly isReachable: boolean
  readonly replicas: readonly Replica[]
}

export interface TopicPart {
  readonly replica: string
  readonly leaseAge: number | null
  readonly connections: Counts
  readonly people: number
  readonly own: null | {
    readonly uncommitted: { readonly connections: Counts; readonly people: number }
    readonly others: number
    readonly people: { readonly several: number }
    readonly sockets: Readonly<
      Record<'counted' | 'observers' | 'hidden' | 'presencesPerUser' | 'presencesPerAddress', number>
    >
    readonly shows: null | {
      readonly counts: Counts
      readonly held: Counts
      readonly settlesIn: number | null
      readonly step: number
      readonly subscribers: number
      readonly slow: number
      readonly lastFlush: null | { readonly ago: number; readonly subscribers: number }
    }
  }
}

export interface TopicReport {
  readonly topic: string
  readonly pattern: string
  readonly unit: string
  readonly totals: Counts
  readonly duplicates: number
  readonly replicas: readonly TopicPart[]
  readonly unanswered: readonly string[]
  readonly sums: readonly string[]
}

export interface Setting {
  readonly path: string
  readonly value: string
  readonly source: string
}

/** A response with another status than 200. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** Longest wait for a response, in ms. */
const timeout = 8_000

/** Reads routes with the operator's key, if there is one. Answers of a page that was left meanwhile are dropped. */
export class Api {
  constructor(public key: string | undefined) {}

  /** @throws {Refused} and what `fetch` throws where there is no answer. */
  async json<T>(path: string, signal: AbortSignal): Promise<T> {
    const headers = this.key === undefined ? {} : { Authorization: `Bearer ${this.key}` }
    const response = await fetch(path, { headers, signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]) })
    if (response.ok) return response.json() as Promise<T>
    const body = (await response.json().catch(() => ({}))) as { error?: { code?: string; message?: string } }
    const { code = 'unknown', message = `status ${response.status}` } = body.error ?? {}
    throw new Refused(response.status, code, message)
  }
}

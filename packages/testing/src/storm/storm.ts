import type { Counts } from '@headcount/protocol'
import { sameCounts } from '../article/shown.js'
import { pause, until } from '../until.js'
import type { Crowd } from './crowd.js'
import type { Sight } from './orders.js'
import { planStorm } from './plan.js'

export interface StormOptions {
  /** The servers, all of one cluster: clients take them in turn, and another one when they come back. */
  readonly urls: readonly string[]
  readonly crowd: Crowd
  /** The same seed, the same storm. */
  readonly seed: number
  /** 500 unless given. */
  readonly clients?: number
  /** One that counts connections. Nobody else may be in it. */
  readonly topic: string
  tokenOf(user: string): string
  /** How long, in ms, after the last act everybody must show the truth: 10,000 unless given. */
  readonly within?: number
}

export interface StormReport {
  readonly seed: number
  readonly truth: Counts
  /** What the clients saw after the quiet. */
  readonly sight: Sight
  /** What each server told over HTTP after the quiet. */
  readonly told: readonly Counts[]
  /** How long the storm took with the calm after it, in ms. */
  readonly took: number
}

/** How long nothing may happen any more after all is right, in ms: some flushes. */
const quiet = 250

/**
 * Lets a storm of clients break over one topic, waits for the calm, and says what they saw. The truth is that of the
 * plan: it is asked of nobody.
 */
export async function storm(options: StormOptions): Promise<StormReport> {
  const { urls, crowd, seed, topic, within = 10_000 } = options
  const { clients, truth } = planStorm(seed, options.clients ?? 500)
  const begun = performance.now()
  try {
    await crowd.run(
      topic,
      clients.map((plan, i) => ({
        plan,
        token: plan.user === null ? undefined : options.tokenOf(plan.user),
        urls: [...urls.slice(i % urls.length), ...urls.slice(0, i % urls.length)],
      })),
    )
    await crowd.settle()
    const tell = () => Promise.all(urls.map((url) => countsAt(url, topic)))
    const isRight = async () => {
      const told = await tell()
      return told.every((counts) => sameCounts(counts, truth)) && (await crowd.look(truth)).wrong.length === 0
    }
    // What is still wrong when the time is up is for the report to say.
    await until('calm', isRight, { within }).catch(() => {})
    await pause(quiet)
    const sight = await crowd.look(truth)
    return { seed, truth, sight, told: await tell(), took: performance.now() - begun }
  } finally {
    await crowd.end()
  }
}

async function countsAt(url: string, topic: string): Promise<Counts> {
  const response = await fetch(`${url}/api/counts/${encodeURIComponent(topic)}`)
  return ((await response.json()) as { counts: Counts }).counts
}

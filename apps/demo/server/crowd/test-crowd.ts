import { systemClock } from '@headcount/core'
import { signToken } from '@headcount/server'
import { random, until } from '@headcount/testing'
import { type Crowd, type CrowdOptions, createCrowd } from './crowd.js'
import type { Progress } from './register.js'

/** The secret with which `crowdOn` signs. */
export const crowdSecret = 'a secret that is long enough for tests'

/** A crowd that the test resizes, and the newest word on how it is doing. */
export interface WatchedCrowd {
  readonly crowd: Crowd
  progress(): Progress | undefined
}

/** A crowd of nobody on a port of this machine, unless the options say otherwise. */
export function crowdOn(port: number, options: Partial<CrowdOptions> = {}): WatchedCrowd {
  const crowd = createCrowd({
    url: `ws://127.0.0.1:${port}`,
    topic: 'video:42',
    viewers: 0,
    users: 0,
    churn: 0,
    signToken: (user) => signToken(crowdSecret, user, { expires: 60_000 }),
    random: random(7).next,
    clock: systemClock,
    ...options,
  })
  let last: Progress | undefined
  crowd.on('progress', (progress) => {
    last = progress
  })
  return { crowd, progress: () => last }
}

/** Waits until a probe gives what equals `wanted`. */
export function untilEqual<T>(wanted: T, probe: () => T | Promise<T>): Promise<unknown> {
  let got: unknown
  const same = async () => {
    got = await probe()
    return JSON.stringify(got) === JSON.stringify(wanted)
  }
  return until(JSON.stringify(wanted), same, { got: () => got })
}

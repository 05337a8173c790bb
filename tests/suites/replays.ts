import { recordings, replay } from '@headcount/testing'
import { describe, expect, it } from 'vitest'

export interface ReplaysOptions {
  /** Servers of one cluster. */
  urls(): readonly string[]
  tokenOf(user: string): string
}

/** One test per recording of a real Phoenix server, all at once in topics `video:…`. */
export function replays({ urls, tokenOf }: ReplaysOptions): void {
  describe.concurrent('compared to a real Phoenix', async () => {
    for (const recording of await recordings()) {
      it(`send the frames of Phoenix: ${recording.title}`, async () => {
        const topic = `video:${recording.name}`
        expect(await replay(recording, { urls: urls(), topic, tokenOf })).toEqual([])
      }, 60_000)
    }
  })
}

import { recordings, replay } from '@headcount/testing'
import { expect, it } from 'vitest'

export interface ReplaysOptions {
  /** Servers that count as one, and that nobody else uses: the recordings' connections take them in turn. */
  urls(): readonly string[]
  tokenOf(user: string): string
  /** Resolves when nobody is left in the recordings' topic. */
  empty(): Promise<unknown>
}

/** One test for each recording of a real Phoenix: the servers say what it said. */
export async function replays({ urls, tokenOf, empty }: ReplaysOptions): Promise<void> {
  for (const recording of await recordings()) {
    it(`say what Phoenix said: ${recording.title}`, async () => {
      expect(await replay(recording, { urls: urls(), tokenOf })).toEqual([])
      await empty()
    })
  }
}

import { recordings, replay } from '@headcount/testing'
import { expect, it } from 'vitest'

export interface ReplaysOptions {
  /** Servers of one cluster without other clients. */
  urls(): readonly string[]
  tokenOf(user: string): string
  /** Resolves when the recordings' topic is empty. */
  empty(): Promise<unknown>
}

/** One test per recording of a real Phoenix server. */
export async function replays({ urls, tokenOf, empty }: ReplaysOptions): Promise<void> {
  for (const recording of await recordings()) {
    it(`sends what Phoenix sent: ${recording.title}`, async () => {
      expect(await replay(recording, { urls: urls(), tokenOf })).toEqual([])
      await empty()
    })
  }
}

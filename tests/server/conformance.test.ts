import { recordedTopics, recordings, replay, startHeadcount, tokenFor } from '@headcount/testing'
import { describe, expect, it } from 'vitest'

const secret = 'the secret of the conformance suite'

describe('a server, held against the frames of a real Phoenix', async () => {
  for (const recording of await recordings()) {
    it.concurrent(`says what Phoenix said: ${recording.title}`, async () => {
      const server = await startHeadcount({ topics: recordedTopics, auth: { secret } })
      try {
        const differences = await replay(recording, {
          urls: [server.url],
          tokenOf: (user) => tokenFor(secret, user),
        })
        expect(differences).toEqual([])
      } finally {
        await server.stop()
      }
    })
  }
})

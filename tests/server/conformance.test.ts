import { recordedTopics, recordings, replay } from '@headcount/testing'
import { tokenFor } from '@headcount/tools/processes/token.mjs'
import { describe, expect, it } from 'vitest'
import { startHeadcount } from '../support/start-headcount.js'

const secret = 'the secret of the conformance suite'

describe('a server, compared to a real Phoenix', async () => {
  for (const recording of await recordings()) {
    it.concurrent(`sends the frames of Phoenix: ${recording.title}`, async () => {
      const server = await startHeadcount({ topics: recordedTopics, auth: { secret } })
      try {
        const tokenOf = (user: string) => tokenFor(secret, user)
        expect(await replay(recording, { urls: [server.url], tokenOf })).toEqual([])
      } finally {
        await server.stop()
      }
    })
  }
})

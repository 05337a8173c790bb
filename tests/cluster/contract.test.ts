import { recordedTopics } from '@headcount/testing'
import { describe, test } from 'vitest'
import { contractConfig, contractSuite } from '../suites/contract.js'
import { peopleSuite, peopleTopics, shieldTick } from '../suites/people.js'
import { readersSuite } from '../suites/readers.js'
import { replays } from '../suites/replays.js'
import { stockClientsSuite } from '../suites/stock-clients.js'
import { storms } from '../suites/storms.js'
import { jwtSecret, tokenOf, withCluster } from '../support/cluster.js'
import { describeWith } from '../support/needs.js'

// The suites of one server, with clients spread over three replicas.

const settle = 1_000

describeWith('redis', 'three replicas over one Redis', () => {
  const cluster = withCluster({
    config: { shieldTick, topics: [...recordedTopics, 'video:*', 'storm:*', ...peopleTopics(settle)] },
  })
  const urls = () => cluster.urls

  replays({ urls, tokenOf })
  stockClientsSuite({ urls, tokenOf })
  describe('in a storm of 500 clients that join one topic within a second', () =>
    storms({ urls, tokenOf, clients: 500, runs: 3 }))
  peopleSuite({ urls, secret: jwtSecret, settle })
  readersSuite({ urls, secret: jwtSecret })
  test('leave no keys in Redis after all clients have left', () => cluster.empty())
})

describeWith('redis', 'three replicas with limits', () => {
  const cluster = withCluster({ config: contractConfig })
  contractSuite({
    urls: () => cluster.urls,
    secret: jwtSecret,
    logged: () => cluster.servers.map(({ output }) => output).join(''),
  })
})

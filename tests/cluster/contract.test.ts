import { recordedTopics } from '@headcount/testing'
import { describe, test } from 'vitest'
import { contractConfig, contractSuite } from '../suites/contract.js'
import { peopleSuite } from '../suites/people.js'
import { readersSuite } from '../suites/readers.js'
import { replays } from '../suites/replays.js'
import { storms } from '../suites/storms.js'
import { describeWith } from '../support/needs.js'
import { jwtSecret, tokenOf, withCluster } from './cluster.js'

// What holds of one process, with clients spread over three replicas: the same suites.

const grace = 2_000

describeWith('redis', 'three replicas over one Redis', () => {
  const cluster = withCluster({
    config: {
      topics: [
        ...recordedTopics,
        'video:*',
        'storm:*',
        { pattern: 'room:*', unit: 'people' },
        { pattern: 'held:*', unit: 'people', grace },
      ],
    },
  })
  const urls = () => cluster.urls
  const secret = jwtSecret

  describe('held against the frames of a real Phoenix', () => replays({ urls, tokenOf, empty: () => cluster.empty() }))

  describe('in a storm of 500 clients that join one topic within a second', () =>
    storms({ urls, tokenOf, clients: 500, runs: 5, processes: 2 }))

  describe('with people on several of them', () => peopleSuite({ urls, secret, grace }))

  describe('and whoever only reads', () => readersSuite({ urls, secret }))

  describe('when all have left', () => {
    test('leave nothing in Redis, not even a lease', () => cluster.empty())
  })
})

describeWith('redis', 'three replicas, asked for each row of the contract', () => {
  const cluster = withCluster({ config: contractConfig })
  contractSuite({
    urls: () => cluster.urls,
    secret: jwtSecret,
    logged: () => cluster.servers.map(({ output }) => output).join(''),
  })
})

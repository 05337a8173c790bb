import { expireReplica, redisEngine } from '@headcount/redis'
import { pause, until } from '@headcount/testing'
import { startRedis } from '@headcount/tools/processes/redis.mjs'
import { startServer } from '@headcount/tools/processes/server.mjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cleanups } from '../support/cleanup.js'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'
import { counts, openReplica, rules, type TestReplica } from './replica.js'

const settings = 'hc:{0}:settings'
describeWith('redis', 'replicas of one cluster', () => {
  const redis = withRedis()
  const cleanup = cleanups()
  beforeEach(() => redis().command('CONFIG', 'RESETSTAT'))
  afterEach(() => redis().command('FLUSHALL'))

  async function open(url: string, options?: Parameters<typeof openReplica>[2]): Promise<TestReplica> {
    const replica = await openReplica(cleanup, { urls: [url] }, options)
    await replica.watch('t')
    return replica
  }

  async function urlOf(user: string, userRules: readonly string[]): Promise<string> {
    await redis().command('ACL', 'SETUSER', user, 'reset', 'on', '>secret', '-@all', ...userRules)
    return `redis://${user}:secret@127.0.0.1:${redis().port}`
  }
  /** The URL of a user without permission to read the version of Redis. */
  const urlWithoutInfo = () =>
    urlOf(
      'older',
      rules.filter((rule) => rule !== '+info'),
    )

  /** Each change reaches all replicas as a message: much sooner than a lease. */
  async function receiveChanges(replicas: readonly TestReplica[]): Promise<void> {
    for (const [i, { engine }] of replicas.entries()) {
      const commit = () => engine.commit([counts('t', 10 ** i, 0)]).catch(() => 'failed')
      await until('a commit to be acknowledged', async () => (await commit()) === 'kept')
    }
    const sum = replicas.reduce((all, _, i) => all + 10 ** i, 0)
    await until('all changes to arrive', () => replicas.every(({ latest }) => latest('t')?.[0] === sum), {
      within: 1_000,
      got: () => replicas.map(({ latest }) => latest('t')),
    })
  }

  async function published(): Promise<string[]> {
    const stats = await redis().command('INFO', 'commandstats')
    return ['publish', 'spublish'].filter((name) => stats.includes(`cmdstat_${name}:`))
  }

  describe('use one kind of pub/sub', () => {
    it('that of the first replica, which knows the version of Redis', async () => {
      const first = await open(redis().url)
      await receiveChanges([first, await open(await urlWithoutInfo()), await open(redis().url)])
      expect(await published()).toEqual(['spublish'])
    })

    it('that of the first replica, which does not know it', async () => {
      const first = await open(await urlWithoutInfo())
      await redis().command('CONFIG', 'RESETSTAT')
      await receiveChanges([first, await open(redis().url), await open(redis().url)])
      expect(await published()).toEqual(['publish'])
    })

    it('also for the message that a replica was expired', async () => {
      const first = await open(await urlWithoutInfo())
      const second = await open(redis().url, { id: 'crashed' })
      await receiveChanges([first, second])
      await expireReplica({ urls: [redis().url] }, 'crashed')
      await until('the removal', () => first.latest('t')?.[0] === 1, { within: 1_000 })
    })

    it('even after Redis lost the settings and any replica wrote them again', async () => {
      const lease = 2_000
      const replicas = [await open(redis().url, { lease }), await open(redis().url, { lease })]
      await redis().command('FLUSHALL')
      await redis().command('HSET', settings, 'layout', '1', 'groups', '2', 'publish', 'PUBLISH')
      for (const [i, replica] of replicas.entries()) cleanup(replica.keepCommitting(() => [counts('t', i + 1, 0)]))
      await pause(2 * lease)
      await redis().command('CONFIG', 'RESETSTAT')
      await receiveChanges(replicas)
      expect(await published()).toEqual(['publish'])
    })
  })

  describe('agree on the groups', () => {
    const openThree = async () => {
      const replica = redisEngine({ urls: [redis().url] })
      await replica.open('three', { groups: 3, lease: 10_000, changed: () => {} })
      cleanup(() => replica.close())
    }

    it('or do not start, in words, and leave the others alone', async () => {
      const two = [await open(redis().url), await open(redis().url)]
      await expect(openThree()).rejects.toMatchObject({
        code: 'mismatch',
        message: 'expected 2 groups and layout 1, as the running replicas have, got 3 groups and layout 1',
      })
      expect(await redis().command('HEXISTS', 'hc:{0}:leases', 'three')).toBe('0')
      await receiveChanges(two)
    })

    it('as long as there are others', async () => {
      const two = [await open(redis().url), await open(redis().url)]
      for (const { engine } of two) await engine.close()
      await openThree()
      expect(await redis().command('HGET', settings, 'groups')).toBe('3')
    })

    it('as long as the leases of others last', async () => {
      const lease = 500
      const crashed = await open(redis().url, { lease })
      await crashed.engine.commit([counts('t', 1, 0)])
      await expect(openThree()).rejects.toMatchObject({ code: 'mismatch' })
      await pause(2 * lease)
      await openThree()
    })
  })

  describe('need their permissions when they start, not later', () => {
    it.each([
      ['+@scripting', /\+@scripting, got one without permission for evalsha$/],
      ['+@hash', /\+@hash, got .* for hget, hmget, hgetall/],
      ['+@set', /\+@set, got .* for sadd, scard, srandmember, srem$/],
      ['+@keyspace', /\+@keyspace, got .* for exists, pexpire, del$/],
      ['+@pubsub', /\+@pubsub, got .* for spublish, pubsub$/],
      ['+time', /\+time, got .* for time$/],
      ['~hc:*', /~hc:\*, got .* for use of our keys$/],
      ['&hc:*', /&hc:\*, got .* for use of our channels$/],
    ])('%s', async (rule, message) => {
      const url = await urlOf(
        'limited',
        rules.filter((each) => each !== rule),
      )
      await expect(open(url)).rejects.toMatchObject({ code: 'no_permission', message: expect.stringMatching(message) })
      expect(await redis().command('DBSIZE')).toBe('0')
    })

    it('also to subscribe', async () => {
      const url = await urlOf('deaf', [...rules, '-ssubscribe'])
      await expect(open(url)).rejects.toMatchObject({
        code: 'no_permission',
        message: 'expected a Redis user with the ACL rules +@pubsub, got one without permission for ssubscribe',
      })
    })

    it('also as a command, which exits and names the rule', async () => {
      const url = await urlOf(
        'limited',
        rules.filter((each) => each !== '+@set'),
      )
      await expect(startServer(['--redis', url])).rejects.toThrow(/ACL rules \+@set/)
    })
  })

  describe('over a server that has not all commands of Redis', () => {
    async function urlWithout(...commands: string[]): Promise<string> {
      const server = await startRedis(commands.flatMap((command) => ['--rename-command', command, '']))
      cleanup(() => server.remove())
      return server.url
    }

    it.each(['SPUBLISH', 'SSUBSCRIBE'])('count without sharded pub/sub: %s', async (command) => {
      const url = await urlWithout(command)
      await receiveChanges([await open(url), await open(url)])
    })

    it.each(['EVALSHA', 'TIME', 'SRANDMEMBER', 'PUBSUB'])('do not start, and name it: %s', async (command) => {
      await expect(open(await urlWithout(command))).rejects.toMatchObject({
        code: 'no_permission',
        message: `expected a Redis with the commands ${command.toLowerCase()}, got one without`,
      })
    })

    it('do not start without pub/sub', async () => {
      const url = await urlWithout('SPUBLISH', 'SUBSCRIBE')
      await expect(open(url)).rejects.toThrow('expected a Redis with the commands subscribe, got one without')
    })
  })
})

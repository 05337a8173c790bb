import type { RedisServer } from '@headcount/tools/processes/redis.mjs'
import { runHeadcount, startServer } from '@headcount/tools/processes/server.mjs'
import { expect, it, onTestFinished } from 'vitest'
import { describeWith } from '../support/needs.js'
import { withRedis } from '../support/with-redis.js'

/** Runs `headcount check`. @returns its exit code, and its findings about the engine. */
async function check(args: readonly string[], env = {}) {
  const child = runHeadcount(['check', '--port', '0', ...args], { env })
  const { code } = await child.exited
  const lines = child.output.split('\n').filter((line) => line.includes(' engine '))
  return { code, found: lines.map((line) => line.replace(/ {2,}/g, ' ')) }
}

describeWith('redis', 'headcount check', () => {
  const redis = withRedis()
  const works = expect.stringMatching(/^ok engine Redis \d[\d.]+ accepts our commands; a round trip takes [\d.]+ ms$/)
  const agrees = 'ok engine the clock agrees with that of Redis'
  const of = ({ url }: Pick<RedisServer, 'url'>) => ['--redis', url]

  it('reports that a Redis works, and leaves no keys in it', async () => {
    expect(await check(of(redis()))).toEqual({ code: 0, found: [works, agrees] })
    expect(await redis().command('DBSIZE')).toBe('0')
  })

  it('warns about a Redis that may evict counts', async () => {
    await redis().command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    onTestFinished(async () => void (await redis().command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')))
    const { code, found } = await check(of(redis()))
    expect({ code, found }).toEqual({
      code: 0,
      found: [
        works,
        'warn engine expected maxmemory-policy noeviction, got allkeys-lru, which may remove counts',
        agrees,
      ],
    })
  })

  it('fails if Redis refuses writes, as with a full disk, and shows its answer', async () => {
    const allow = (replicas: string) => redis().command('CONFIG', 'SET', 'min-replicas-to-write', replicas)
    await allow('1')
    onTestFinished(async () => void (await allow('0')))
    const { code, found } = await check(of(redis()))
    expect({ code, found }).toEqual({ code: 1, found: [expect.stringMatching(/^fail engine .*NOREPLICAS/)] })
  })

  it('fails if the user lacks a permission, and names it', async () => {
    await redis().command('ACL', 'SETUSER', 'weak', 'on', '>planted', '+@all', '-@pubsub', '~hc:*', '&hc:*')
    const { code, found } = await check(['--redis', `redis://weak:planted@127.0.0.1:${redis().port}`])
    expect(code).toBe(1)
    expect(found).toEqual([expect.stringMatching(/^fail engine expected a Redis user with the ACL rules \+@pubsub/)])
  })

  it('fails if the running servers have other groups', async () => {
    const server = await startServer(of(redis()))
    onTestFinished(() => server.kill())
    const { code, found } = await check(of(redis()), { HEADCOUNT_CONFIG: 'tests/command/three-groups.json' })
    expect(code).toBe(1)
    expect(found).toEqual([expect.stringMatching(/^fail engine expected .* groups/)])
  })
})

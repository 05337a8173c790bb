import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { describeWith } from './needs.js'
import { withRedis } from './redis.js'
import { withRedisCluster } from './redis-cluster.js'

describeWith('redis', 'a Redis server of a test', () => {
  const redis = withRedis()

  it('answers at its address', async () => {
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`)
    expect(await redis.ask('PING')).toBe('PONG')
  })

  it('is silent while it is paused, and answers when it goes on', async () => {
    redis.pause()
    const socket = connect(redis.port, '127.0.0.1')
    let heard = ''
    socket.setEncoding('utf8').on('data', (text) => {
      heard += text
    })
    socket.write('PING\r\n')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(heard).toBe('')
    redis.resume()
    await expect.poll(() => heard).toBe('+PONG\r\n')
    socket.destroy()
  })

  it('comes back empty, on the same port, after it was killed', async () => {
    const { port } = redis
    await redis.ask('SET', 'a', '1')
    await redis.kill()
    expect(redis.running).toBe(false)
    await expect(redis.ask('PING')).rejects.toThrow('Could not connect')
    await redis.start()
    expect(redis.port).toBe(port)
    expect(await redis.ask('DBSIZE')).toBe('0')
  })

  it('stops also while it is paused', async () => {
    redis.pause()
    await redis.stop()
    expect(redis.running).toBe(false)
    await redis.start()
  })
})

describeWith('redis', 'a Redis server of a test that keeps its data', () => {
  const redis = withRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })

  it('has it after a kill, and not after a start that is to be empty', async () => {
    await redis.ask('SET', 'a', '1')
    await redis.kill()
    await redis.start()
    expect(await redis.ask('GET', 'a')).toBe('1')
    await redis.restartEmpty()
    expect(await redis.ask('GET', 'a')).toBe('')
  })
})

describeWith('redis', 'a Redis Cluster of a test', () => {
  const cluster = withRedisCluster()

  it('serves every slot from three masters with a replica each', async () => {
    const nodes = await cluster.nodes[0]!.ask('CLUSTER', 'NODES')
    expect(nodes.split('\n').filter((line) => line.includes('slave'))).toHaveLength(3)
    expect(nodes.split('\n').filter((line) => line.includes('master'))).toHaveLength(3)
    expect(cluster.url.split(',')).toHaveLength(6)
  })

  it('lets a replica take the place of a master that is killed', async () => {
    const master = await cluster.masterOf('{a}')
    await master.kill()
    await expect.poll(() => cluster.masterOf('{a}'), { timeout: 30_000, interval: 200 }).not.toBe(master)
    await cluster.settle()
    await master.start()
    await cluster.settle()
    expect(await (await cluster.masterOf('{a}')).ask('SET', '{a}', '1')).toBe('OK')
  })
})

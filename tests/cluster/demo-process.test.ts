import { until } from '@headcount/testing'
import { expect, it, vi } from 'vitest'
import { describeWith } from '../support/needs.js'
import { ClusterDemo, lives } from './cluster-demo.js'

/** Six processes on a busy machine take their time. */
vi.setConfig({ testTimeout: 120_000 })

describeWith('redis', 'npm run demo:cluster', () => {
  it.each([
    ['a SIGTERM', 'SIGTERM', 0],
    ['a Ctrl-C', 'SIGINT', 0],
    ['its own crash', 'SIGKILL', null],
  ] as const)('leaves no process and no folder behind after %s', async (_, signal, code) => {
    const demo = await new ClusterDemo().started()
    try {
      const pids = [...(await demo.pids()).values()]
      expect(pids).toHaveLength(5)
      expect(demo.leftovers).toHaveLength(1)
      // What is paused ends as well.
      process.kill(pids[1]!, 'SIGSTOP')
      demo.child.signal(signal)
      expect((await demo.child.exited).code).toBe(code)
      await until('the end of all', () => !pids.some(lives) && demo.leftovers.length === 0)
    } finally {
      await demo.remove()
    }
  })

  it('ends with the npm that runs it', async () => {
    const demo = new ClusterDemo([], {}, ['npm', 'run', '--silent', 'demo:cluster', '--'])
    try {
      await demo.started()
      const pids = [...(await demo.pids()).values()]
      demo.child.signal('SIGTERM')
      await until('the end of all', () => !pids.some(lives) && demo.leftovers.length === 0)
    } finally {
      await demo.remove()
    }
  })

  it.each([
    ['without a Redis', [], { PATH: '' }, /expected a Redis server, got none: install redis-server/],
    ['on a port that is no port', ['--port', 'x'], {}, /--port: expected a whole number from 0 to 65535, got x/],
  ])('says in a line why it does not start %s', async (_, args, env, reason) => {
    const demo = new ClusterDemo(args, env)
    try {
      expect((await demo.child.exited).code).toBe(1)
      expect(demo.child.output).toMatch(reason)
      expect(demo.child.output.trim().split('\n')).toHaveLength(1)
      expect(demo.leftovers).toEqual([])
    } finally {
      await demo.remove()
    }
  })

  it('does not take a port that another program has', async () => {
    const first = await new ClusterDemo().started()
    const second = new ClusterDemo(['--port', new URL(first.url).port])
    try {
      expect((await second.child.exited).code).toBe(1)
      expect(second.child.output).toContain('expected a free port, got one that another program listens on')
      expect(second.leftovers).toEqual([])
    } finally {
      await Promise.all([first.remove(), second.remove()])
    }
  })

  it('says in a line what it cannot do', async () => {
    const demo = new ClusterDemo()
    try {
      await demo.started()
      demo.child.type('kill 7')
      await demo.child.until('a refusal', (output) => output.includes('expected 1 to 3, or redis, got "7"'))
      demo.child.type('start 2')
      await demo.child.until('a refusal', (output) => output.includes('replica 2 runs already'))
      demo.child.type('quit')
      expect(await demo.child.exited).toEqual({ code: 0, signal: null })
    } finally {
      await demo.remove()
    }
  })
})

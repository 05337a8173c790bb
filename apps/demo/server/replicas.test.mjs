import { expect, test } from 'vitest'
import { ReplicaTable } from './replicas.mjs'

const up = (/** @type {string} */ name, sockets = 0) => ({ name, state: /** @type {const} */ ('up'), sockets })

test('shows this replica and all that announce themselves, by name', () => {
  const table = new ReplicaTable()
  for (const name of ['10', '2', '1']) table.receive(up(name, 5), 0)
  expect(table.view(up('2', 7), 1_000)).toEqual({ redis: 'up', replicas: [up('1', 5), up('2', 7), up('10', 5)] })
})

test('a replica that does not announce itself is silent after 3 s, and removed after a minute', () => {
  const table = new ReplicaTable()
  table.receive(up('2'), 0)
  const stateAt = (/** @type {number} */ now) => table.view(up('1'), now).replicas[1]?.state
  expect([2_999, 3_000, 59_999, 60_000].map(stateAt)).toEqual(['up', 'silent', 'silent', undefined])
  table.receive(up('2'), 61_000)
  expect(stateAt(61_000)).toBe('up')
})

test('a replica that announced its end is stopped, not silent', () => {
  const table = new ReplicaTable()
  table.receive({ name: '2', state: 'stopped', sockets: 0 }, 0)
  expect(table.view(up('1'), 10_000).replicas[1]?.state).toBe('stopped')
})

test('Redis is unreachable while this replica does not receive its own announcements', () => {
  const table = new ReplicaTable()
  expect(table.view(up('1'), 0)).toEqual({ redis: 'unreachable', replicas: [up('1')] })
  table.receive(up('1'), 1_000)
  expect(table.view(up('1'), 3_999).redis).toBe('up')
  expect(table.view(up('1'), 4_000).redis).toBe('unreachable')
})

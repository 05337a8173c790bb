import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { closeLostConnections } from './lost-connections.js'

/** A worker's process in the primary. */
class FakeChild extends EventEmitter {
  readonly sent: unknown[] = []

  send(...args: unknown[]): boolean {
    this.sent.push(args)
    return true
  }
}

test('the connections that an exited worker had not acknowledged are closed, and no others', () => {
  const child = new FakeChild()
  closeLostConnections(child as unknown as ChildProcess)
  const closed: number[] = []
  for (const seq of [1, 2, 3]) child.send({ act: 'newconn', seq }, { close: () => closed.push(seq) })
  child.send({ headcount: [] }, undefined, {}, () => {})
  child.emit('internalMessage', { ack: 2, accepted: true })
  expect(child.sent).toHaveLength(4)
  child.emit('exit')
  expect(closed).toEqual([1, 3])
})

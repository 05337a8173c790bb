import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { FakeClock } from '@headcount/core/fake-clock'
import { expect, onTestFinished, test, vi } from 'vitest'
import { listen } from '../test/serve.js'
import { type Kernel, LostReaders, linux } from './lost-readers.js'

const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'

/** A line of Linux 6.18 after the peer had vanished. */
function line(inode: number, retransmissions: number): string {
  const hex = retransmissions.toString(16).toUpperCase().padStart(8, '0')
  const connection = '   1: 0100007F:1387 0100007F:A8A8 01 0000000E:00000000 01:00000210'
  return `${connection} ${hex}     0        0 ${inode} 2 0000000018979b2e 652 4 30 1 -1                  `
}

/** Connections by inode, each with its table. */
async function watched(inodes: readonly number[], table = '/proc/net/tcp') {
  const clock = new FakeClock()
  const retransmissions = new Map<number, number>()
  const sockets = new Map<Socket, number>()
  const kernel: Kernel = {
    async *read(name) {
      if (name !== table) throw new Error('no such file')
      const lines = [...inodes, 99].map((inode) => line(inode, retransmissions.get(inode) ?? 0))
      // Cut anywhere.
      yield* [header, ...lines, ''].join('\n').match(/.{1,64}/gs) ?? []
    },
    inodeOf: async (socket) => sockets.get(socket)?.toString(),
  }
  const { port } = new URL(await listen(createServer()))
  const lost = vi.fn()
  const readers = new LostReaders(clock, lost, kernel)
  const watch = async (inode: number) => {
    const socket = connect(Number(port))
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    sockets.set(socket, inode)
    await readers.watch(socket)
    return socket
  }
  const opened = await Promise.all(inodes.map(watch))
  return { clock, retransmissions, lost, sockets: opened }
}

test.each(['/proc/net/tcp', '/proc/net/tcp6'])(
  'a connection of %s that acknowledges nothing is closed',
  async (table) => {
    const { clock, retransmissions, lost, sockets } = await watched([41, 42], table)
    for (const inode of [42, 99]) retransmissions.set(inode, 4)
    await clock.advance(20_000)
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false])
    for (const inode of [42, 99]) retransmissions.set(inode, 16)
    await clock.advance(10_100)
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, true])
    await clock.advance(10_100)
    expect(lost).toHaveBeenCalledOnce()
  },
)

test('all readers of an HTTP/2 connection that acknowledges nothing are closed, also after one has left', async () => {
  const { clock, retransmissions, lost, sockets } = await watched([41, 41, 41])
  sockets[2]!.destroy()
  await once(sockets[2]!, 'close')
  retransmissions.set(41, 16)
  await clock.advance(10_100)
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true, true])
  expect(lost).toHaveBeenCalledTimes(2)
})

test('without connections nothing is read, and a connection with an unknown inode stays open', async () => {
  const { clock, sockets } = await watched([41])
  await clock.advance(10_100)
  expect(clock.timers).toBe(1)
  sockets[0]!.destroy()
  await once(sockets[0]!, 'close')
  expect(clock.timers).toBe(0)
  await new LostReaders(clock, () => {}, { ...linux, inodeOf: async () => undefined }).watch(sockets[0]!)
  expect(clock.timers).toBe(0)
})

test.runIf(process.platform === 'linux')('Linux lists a connection by the inode of its socket', async () => {
  const { port } = new URL(await listen(() => {}))
  const client = connect(Number(port), '127.0.0.1')
  onTestFinished(() => void client.destroy())
  await once(client, 'connect')
  const inode = await linux.inodeOf(client)
  expect(inode).toMatch(/^\d+$/)
  const table = await text(linux.read('/proc/net/tcp'))
  const lines = table.split('\n').filter((each) => each.trim().split(/\s+/)[9] === inode)
  expect(lines).toEqual([expect.stringMatching(/ [\dA-F]{2}:[\dA-F]{8} 00000000 +\d+ +\d+ \d+ /)])
  client.destroy()
  await once(client, 'close')
  expect(await linux.inodeOf(client)).toBeUndefined()
})

import { fileURLToPath } from 'node:url'
import { floorCommand } from './floor.mjs'

/**
 * @typedef {object} System
 * @property {string} label For people.
 * @property {import('../load/protocols/protocol.mjs').ProtocolName} protocol
 * @property {(port: number, flags: readonly string[]) => { command: string, args: string[] }} command `flags` are of Node.
 * @property {boolean} http Whether it is ready when `/readyz` says so; else when it prints "ready".
 */

/** @param {string} path */
const file = (path) => fileURLToPath(new URL(path, import.meta.url))
const headcount = file('../../packages/headcount/bin/headcount.js')

/**
 * What is measured against each other.
 *
 * @satisfies {Record<string, System>}
 */
export const systems = {
  headcount: {
    label: 'Headcount',
    protocol: 'phoenix',
    http: true,
    command: (port, flags) => ({
      command: process.execPath,
      args: [...flags, headcount, 'serve', '--port', String(port), '--host', '127.0.0.1'],
    }),
  },
  socketio: {
    label: 'socket.io, as in tutorials',
    protocol: 'socketio',
    http: false,
    command: (port, flags) => script('./peers/socketio.mjs', flags, port),
  },
  'socketio-fair': {
    label: 'socket.io, coalesced',
    protocol: 'socketio',
    http: false,
    command: (port, flags) => script('./peers/socketio.mjs', flags, port, 'fair'),
  },
  ws: {
    label: 'ws, as in tutorials',
    protocol: 'plain',
    http: false,
    command: (port, flags) => script('./peers/ws.mjs', flags, port),
  },
  'ws-fair': {
    label: 'ws, coalesced and pre-framed',
    protocol: 'plain',
    http: false,
    command: (port, flags) => script('./peers/ws-fair.mjs', flags, port),
  },
  floor: {
    label: 'floor: one send() a frame',
    protocol: 'raw',
    http: false,
    command: (port) => {
      const { command, args } = floorCommand()
      return { command, args: [...args, String(port)] }
    },
  },
}

/** @typedef {keyof typeof systems | 'target'} SystemName */

/** @param {SystemName} name */
export function labelOf(name) {
  return name === 'target' ? 'attached by URL' : systems[name].label
}

/**
 * @param {string} path
 * @param {readonly string[]} flags
 * @param {number} port
 * @param {readonly string[]} more
 */
function script(path, flags, port, ...more) {
  return { command: process.execPath, args: [...flags, file(path), String(port), ...more] }
}

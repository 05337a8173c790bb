import { upgradeRequest } from '../../tools/load/connection.mjs'
import { clientFrame, textFrame } from '../../tools/load/frames.mjs'
import { tokenFor } from '../../tools/processes/token.mjs'

/** @typedef {import('./attacker.mjs').Attacker} Attacker */

/** @typedef {{ name: string, run: (attacker: Attacker) => Promise<void> }} Attack */

const path = '/socket/websocket?vsn=2.0.0'
const host = '127.0.0.1'
const upgrade = upgradeRequest(path, host, undefined)
const halfUpgrade = upgrade.slice(0, 60)
const request = (/** @type {string} */ to, headers = '') => `GET ${to} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`
const times = (/** @type {number} */ count, /** @type {(i: number) => string} */ text) =>
  Array.from({ length: count }, (_, i) => text(i)).join('')
/** @param {number} count @param {(i: number) => Buffer} frame */
const frames = (count, frame) => Buffer.concat(Array.from({ length: count }, (_, i) => frame(i)))
/** An upgrade and frames in one write. @param {number} count @param {(i: number) => Buffer} frame */
const upgradeAnd = (count, frame) => Buffer.concat([Buffer.from(upgrade), frames(count, frame)])
const join = (/** @type {string} */ topic, ref = '1') => textFrame(JSON.stringify([ref, ref, topic, 'phx_join', {}]))
const leave = (/** @type {string} */ topic, ref = '1') => textFrame(JSON.stringify([null, ref, topic, 'phx_leave', {}]))
const push = (/** @type {string} */ payload) => textFrame(`[null,"1","attack","push",${payload}]`)
const heartbeat = textFrame('[null,"1","phoenix","heartbeat",{}]')

const manyKeys = push(`{${times(800, (i) => `"k${i}":0,`)}"k":0}`)
const nested = push('['.repeat(3_900) + ']'.repeat(3_900))
const junk = textFrame('x'.repeat(65_000))
const large = push(JSON.stringify('x'.repeat(8_000)))
const longTopic = textFrame(`[null,"1","${'t'.repeat(8_000)}","phx_join",{}]`)
const longest = 't'.repeat(250)
const fragments = frames(252, (i) => clientFrame({ 0: 0x01, 251: 0x80 }[i] ?? 0x00, Buffer.from(i === 0 ? '[' : ' ')))
const stream = '/api/counts/attack/stream'
const manyTopics = times(100, (i) => `topic=${i}x&`)
const longPoll = '/socket/longpoll?vsn=2.0.0'
const guess = (/** @type {number} */ i) => `lp1.replica-${i}.${'A'.repeat(16)}.${'A'.repeat(43)}.${i}`
const tooLargePost =
  request(`${longPoll}&token=${guess(1)}`, 'Content-Length: 200000\r\n').replace('GET', 'POST') + 'x'.repeat(200_000)
const tokens = {
  forged: tokenFor('another secret', 'mallory'),
  long: `${tokenFor('another secret', 'mallory')}${'x'.repeat(7_800)}`,
  none: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"1"}').toString('base64url')}.`,
}
const tokenFrame = (/** @type {string} */ token) =>
  textFrame(JSON.stringify([null, '1', 'phoenix', 'token', { token }]))
const offer = (/** @type {string} */ token) => upgradeRequest(path, host, token)

/** @param {string} name @param {number} count @param {Parameters<Attacker['connections']>[1]} acts @returns {Attack} */
const connections = (name, count, acts) => ({ name, run: (attacker) => attacker.connections(count, acts) })

/** All attacks. @type {readonly Attack[]} */
export const attacks = [
  connections('2,000 connections that send nothing', 2_000, {}),
  connections('1,500 upgrade requests at a byte a second', 1_500, { first: halfUpgrade, drip: 'x' }),
  connections('1,500 HTTP requests at a byte a second', 1_500, {
    first: 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: ',
    drip: 'x',
  }),
  connections('500 bodies at a byte a second', 500, {
    first: request('/healthz', 'Content-Length: 9999\r\n'),
    drip: 'x',
  }),
  connections('flood of connections from 200 addresses', 200, { stays: 20 }),
  connections('flood of handshakes', 50, { first: upgrade, stays: 30 }),
  connections('flood of connections that are reset after a join', 50, {
    first: upgradeAnd(1, () => join('reset')),
    stays: 30,
    ends: 'resetAndDestroy',
  }),
  {
    name: 'upgrade, join, leave and close in one write',
    run: (a) => {
      const all = [join('one'), leave('one'), clientFrame(0x88, Buffer.from([3, 232]))]
      return a.connections(50, { first: upgradeAnd(3, (i) => /** @type {Buffer} */ (all[i])), stays: 30, ends: 'end' })
    },
  },
  connections('200 sockets: flood of joins and leaves', 200, {
    first: upgrade,
    flood: frames(100, (i) => (i % 2 ? leave : join)(`flood:${i % 7}`)),
  }),
  connections('200 sockets: flood of second joins, never read', 200, {
    first: upgrade,
    flood: frames(100, (i) => join('again', `${i}`)),
    reads: false,
  }),
  {
    name: '200 sockets that never read 60 stormy topics',
    run: async (a) => {
      const topics = (/** @type {number} */ i) => `${i % 60}${longest}`.slice(0, 250)
      await Promise.all([
        a.connections(200, { first: upgradeAnd(60, (i) => join(topics(i))), reads: false }),
        a.connections(20, { first: upgrade, flood: frames(120, (i) => (i < 60 ? join : leave)(topics(i))) }),
      ])
    },
  },
  {
    name: '10,000 topics of 100 sockets',
    run: (a) => {
      let number = 0
      const all = Array.from({ length: 100 }, () =>
        a.connections(1 / a.scale, { first: upgradeAnd(Math.ceil(100 * a.scale), () => join(`topic:${number++}`)) }),
      )
      return Promise.all(all).then(() => {})
    },
  },
  connections('100 sockets: frames of 65,000 bytes', 100, { first: upgrade, flood: junk }),
  connections('200 sockets: frames of 8,000 bytes', 200, { first: upgrade, flood: large }),
  connections('200 sockets: objects of 800 keys', 200, { first: upgrade, flood: manyKeys }),
  connections('200 sockets: arrays 3,900 deep', 200, { first: upgrade, flood: nested }),
  connections('300 sockets: topics of 8,000 bytes, never read', 300, {
    first: upgrade,
    flood: longTopic,
    reads: false,
  }),
  connections('300 sockets: heartbeats, never read', 300, {
    first: upgrade,
    flood: frames(1_000, () => heartbeat),
    reads: false,
  }),
  connections('200 sockets: pings, never read', 200, {
    first: upgrade,
    flood: frames(500, () => clientFrame(0x89, Buffer.alloc(125))),
    reads: false,
  }),
  connections('200 sockets: messages in 251 fragments', 200, { first: upgrade, flood: fragments }),
  connections('200 sockets: bytes that are not frames', 200, { first: upgradeAnd(1, () => Buffer.alloc(2_000, 0xa5)) }),
  connections('200 sockets: forged tokens on the open socket', 200, {
    first: upgrade,
    flood: frames(50, () => tokenFrame(tokens.forged)),
  }),
  ...Object.entries(tokens).map(([name, token]) => ({
    name: `flood of handshakes with ${name} tokens`,
    run: (/** @type {Attacker} */ a) => a.connections(50, { first: offer(token), stays: 30 }),
  })),
  connections('200 connections: 4,000 requests each in one write', 200, {
    first: times(4_000, () => request('/healthz')),
  }),
  connections('100 connections: 900 requests with bodies each in one write', 100, {
    first: times(900, () => `${request('/healthz', 'Content-Length: 3\r\n')}abc`),
  }),
  connections('100 connections: bodies in chunks of a byte', 100, {
    first: request('/healthz', 'Transfer-Encoding: chunked\r\n').replace('GET', 'POST'),
    flood: '1\r\nx\r\n'.repeat(10_000),
  }),
  connections('100 connections: bodies without an end', 100, {
    first: request('/healthz', 'Content-Length: 9000000000\r\n').replace('GET', 'POST'),
    flood: 'x'.repeat(65_536),
  }),
  connections('100 connections: requests without a pause', 100, {
    flood: times(100, () => request('/api/counts/attack')),
  }),
  connections('100 connections: queries of 15,000 empty names', 100, {
    flood: request(`/api/counts?${'&'.repeat(15_000)}`),
  }),
  connections('50 connections: requests for 100 topics, never read', 50, {
    flood: request(`/api/counts?${manyTopics}`).repeat(100),
    reads: false,
  }),
  connections('50 connections: requests for /metrics', 50, { flood: times(100, () => request('/metrics')) }),
  connections('5,000 event streams that never read', 5_000, { first: request(stream), reads: false }),
  connections('50 connections: 100 event streams each in one write', 50, {
    first: times(100, () => request(stream)),
    stays: 300,
  }),
  connections('50 connections: event streams of 100 topics, opened and left', 50, {
    first: request(`/api/counts/stream?${manyTopics}`),
    stays: 30,
  }),
  connections('100 connections: sessions of long polls that are opened and left', 100, {
    flood: request(longPoll).repeat(10),
  }),
  connections('100 connections: long polls with guessed tokens', 100, {
    flood: times(10, (i) => request(`${longPoll}&token=${guess(i)}`)),
  }),
  connections('50 connections: POSTs of long polls that are too large', 50, { flood: tooLargePost }),
  connections('50 connections: POSTs of long polls at a byte a second', 50, {
    first: tooLargePost.slice(0, 200),
    drip: 'x',
  }),
  connections('100 connections: requests of 400 headers', 100, {
    flood: request(
      '/healthz',
      times(400, (i) => `X-${i}: y\r\n`),
    ),
  }),
  connections('30 connections: requests without a host, or with an expectation', 30, {
    flood: `${times(500, () => request('/healthz', 'Expect: x\r\n'))}GET / HTTP/1.1\r\n\r\n`,
  }),
  connections('100 connections: a header without an end', 100, {
    first: 'GET / HTTP/1.1\r\nX: ',
    flood: 'x'.repeat(16_384),
  }),
  connections('100 connections: upgrades to h2c, 1,000 in one write', 100, {
    first: request('/healthz', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n').repeat(
      1_000,
    ),
  }),
  connections('100 connections: 1,000 upgrades in one write', 100, { first: upgrade.repeat(1_000) }),
  connections('100 connections: requests that are not HTTP', 100, { first: '\r\n'.repeat(1_000) + '\0'.repeat(1_000) }),
]

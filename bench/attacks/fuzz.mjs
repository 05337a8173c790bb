import { connect } from 'node:net'
import { random, recordings } from '@headcount/testing'
import { upgradeRequest } from '../../tools/load/connection.mjs'
import { clientFrame, readFrames, textFrame } from '../../tools/load/frames.mjs'
import { now } from '../../tools/load/time.mjs'

/** @typedef {import('@headcount/testing').Random} Random */

/** Maximum frames of one connection, each followed by a ping: below the limit of a second. */
const framesPerConnection = 100
/**
 * How long, in ms, the server may take to answer the ping after a frame. If the frame's length announces more bytes,
 * the server waits for them: this number of zeros ends every frame, and no frame begins with one.
 */
const [timeout, longestFrame] = [4_000, 10_000]

const words = 'video:1 my_channel phoenix phx_join phx_leave heartbeat observe token __proto__'.split(' ')
const values = 'null {} [] "" -1 1e999 9007199254740993 "\\ud800" "\\u0000" true [[[[]]]]'.split(' ')

/**
 * Sends fuzzed frames, each followed by a ping, until the server has handled `total` of them: it answered the ping or
 * closed the connection. The same seed makes the same frames.
 *
 * @param {{ port: number, seed: number, total: number, atOnce?: number }} options
 */
export async function fuzz({ port, seed, total, atOnce = 200 }) {
  const recorded = (await recordings()).flatMap(({ lines }) =>
    lines.flatMap((line) => {
      if (line.kind === 'sent') return [clientText(line.frame)]
      return line.kind === 'sent-binary' ? [clientFrame(0x82, line.data)] : []
    }),
  )
  const begin = now()
  const done = { frames: 0, connections: 0, closed: 0, unanswered: 0, seconds: 0 }
  const one = async () => {
    while (done.frames < total) {
      const numbers = random(Math.imul(seed, 0x9e3779b1) + done.connections++)
      const vsn = numbers.of(['1', '2', '2'])
      const frames = Array.from({ length: framesPerConnection }, () => fuzzed(numbers, recorded, vsn))
      const { handled, end } = await send(port, numbers, vsn, frames)
      done.frames += handled
      if (end === 'closed') done.closed++
      if (end === 'unanswered') done.unanswered++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  done.seconds = Math.round((now() - begin) / 1000)
  return done
}

/** @param {unknown} frame */
const clientText = (frame) => textFrame(JSON.stringify(frame))

/**
 * One frame, or arbitrary bytes.
 * @param {Random} numbers @param {readonly Buffer[]} recorded @param {string} vsn @returns {Buffer}
 */
function fuzzed(numbers, recorded, vsn) {
  const { below, chance, of } = numbers
  const bytes = (/** @type {number} */ size) => Buffer.from(Array.from({ length: size }, () => below(256)))
  const frame = () => of(recorded).toString('utf8', 6)
  const text = () => JSON.stringify(chance(0.8) ? of(words) : String(bytes(below(20))))
  const deep = () => '['.repeat(below(2_000))
  const value = () =>
    of([() => of(values), text, () => `{${text()}:${of(values)}}`, () => deep().replace(/.+/, nest)])()
  const message = (/** @type {() => string} */ part) =>
    vsn === '1'
      ? `{"topic":${part()},"event":${part()},"payload":${value()},"ref":${part()}}`
      : `[${[part(), part(), part(), part(), value()]}]`
  // Most well-formed messages keep the connection open. Most others close it.
  if (chance(0.85)) return textFrame(message(text))
  const kinds = [
    // A recorded frame, unchanged or with a piece changed, repeated, removed or inserted into another one.
    () => of(recorded),
    () => textFrame(splice(frame(), numbers, frame())),
    () => textFrame(splice(frame(), numbers, value())),
    () => textFrame(message(value)),
    () => textFrame(splice(message(value), numbers, text())),
    () => textFrame(`["1","1","video:1","phx_join",${deep()}`),
    // Random bytes in a complete frame: of any kind, with any reserved bits, in fragments.
    () => clientFrame(of([0x81, 0x82]), bytes(below(200))),
    () => clientFrame(of([0x01, 0x80, 0x00, 0x02]), bytes(below(20))),
    () => clientFrame(of([0x88, 0x89, 0x8a]), bytes(below(126))),
    () => clientFrame(below(256), bytes(below(130))),
    // A frame with some bytes changed, and bytes that are not a frame.
    () => flip(Buffer.from(of(recorded)), numbers),
    () => bytes(1 + below(40)),
  ]
  return of(kinds)()
}

/** An array as deep as the text is long. @param {string} opened */
const nest = (opened) => opened + ']'.repeat(opened.length)

/**
 * Replaces a random piece of a text by another text or by nothing.
 * @param {string} text @param {Random} numbers @param {string} other
 */
function splice(text, { below, chance }, other) {
  const start = below(text.length)
  const end = chance(0.5) ? start : start + below(text.length - start)
  return text.slice(0, start) + (chance(0.3) ? '' : other) + text.slice(end)
}

/** @param {Buffer} bytes @param {Random} numbers */
function flip(bytes, { below }) {
  for (let i = below(4); i >= 0; i--) bytes.writeUInt8(below(256), below(bytes.length))
  return bytes
}

/**
 * Sends frames on one connection, a few at a time.
 * @param {number} port @param {Random} numbers @param {string} vsn @param {Buffer[]} frames
 * @returns {Promise<{ handled: number, end: 'done' | 'closed' | 'unanswered' }>}
 */
function send(port, numbers, vsn, frames) {
  const path = `/socket/websocket?vsn=${vsn}.0.0`
  const socket = connect({
    host: '127.0.0.1',
    port,
    ...(process.platform === 'linux' && { localAddress: address(numbers) }),
  })
  let handled = 0
  let sent = 0
  let rest = Buffer.alloc(0)
  let isOpen = false
  return new Promise((resolve) => {
    const finish = (/** @type {'done' | 'closed' | 'unanswered'} */ end) => {
      // The frame that the server closed the connection for was handled too.
      if (end === 'closed' && sent > handled) handled++
      socket.destroy()
      resolve({ handled, end })
    }
    const next = () => {
      if (sent === frames.length) return finish('done')
      const batch = frames.slice(sent, sent + 1 + numbers.below(8))
      const pinged = batch.flatMap((frame, i) => [frame, clientFrame(0x89, Buffer.from(`fuzz ${sent + i + 1}`))])
      sent += batch.length
      socket.write(Buffer.concat(pinged))
    }
    let isFilled = false
    socket.setTimeout(timeout, () => {
      if (isFilled) return finish('unanswered')
      isFilled = true
      socket.write(Buffer.alloc(longestFrame))
    })
    socket.on('error', () => {}).once('close', () => finish('closed'))
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes])
      if (!isOpen) {
        const end = rest.indexOf('\r\n\r\n')
        if (end < 0) return
        isOpen = true
        rest = rest.subarray(end + 4)
        next()
      }
      rest = Buffer.from(
        readFrames(rest, (opcode, all, start, end) => {
          const [, number] = opcode === 10 ? (/^fuzz (\d+)$/.exec(all.toString('latin1', start, end)) ?? []) : []
          if (number !== undefined) handled = Number(number)
          if (opcode === 8) finish('closed')
        }),
      )
      if (handled === sent) next()
    })
    socket.write(upgradeRequest(path, 'x', undefined))
  })
}

/** @param {Random} numbers */
const address = ({ below }) => `127.67.0.${1 + below(200)}`

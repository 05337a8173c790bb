import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeClose, encodeCounts, encodeDiff, encodeError, encodeOk, encodeState } from './encode.js'
import { ProtocolError } from './error.js'
import { decode, maxRefLength, parseVsn, type Vsn } from './message.js'

describe('vsn', () => {
  test.each([
    [undefined, 1],
    ['1.0.0', 1],
    ['1.0.9', 1],
    ['2.0.0', 2],
    ['2.0.7', 2],
    ['2', undefined],
    ['2.5.0', undefined],
    ['9.0.0', undefined],
    ['abc', undefined],
    ['', undefined],
    ['2.0.0 ', undefined],
    ['2.0.-1', undefined],
  ])('%s is version %s', (given, version) => {
    expect(parseVsn(given)).toBe(version)
  })
})

describe('decode', () => {
  test('decodes the arrays of version 2 and ignores further elements', () => {
    const frame = ['1', '2', 'video:1', 'phx_join', { observe: true }]
    const message = { joinRef: '1', ref: '2', topic: 'video:1', event: 'phx_join', payload: { observe: true } }
    expect(decode(2, JSON.stringify(frame))).toEqual(message)
    expect(decode(2, JSON.stringify([...frame, 'more']))).toEqual(message)
  })

  test('decodes the objects of version 1, with or without a join_ref', () => {
    const frame = { topic: 'video:1', event: 'phx_join', payload: {}, ref: '2' }
    const message = { joinRef: null, ref: '2', topic: 'video:1', event: 'phx_join', payload: {} }
    expect(decode(1, JSON.stringify(frame))).toEqual(message)
    expect(decode(1, JSON.stringify({ ...frame, join_ref: '6' }))).toEqual({ ...message, joinRef: '6' })
  })

  test('decodes the binary push of version 2', () => {
    const push = Buffer.from([0, 1, 2, 3, 4, ...Buffer.from('1' + '12' + 'a:b' + 'ping'), 9, 8])
    const message = decode(2, push)
    expect(message).toMatchObject({ joinRef: '1', ref: '12', topic: 'a:b', event: 'ping' })
    expect([...(message.payload as Uint8Array)]).toEqual([9, 8])
    expect(decode(2, Buffer.alloc(5))).toMatchObject({ joinRef: null, ref: null })
  })

  const longRef = 'x'.repeat(maxRefLength + 1)

  test.each<[what: string, vsn: Vsn, data: string | Uint8Array, message: RegExp]>([
    ['text that is not JSON', 2, 'nonsense', /expected a JSON frame/],
    ['four elements', 2, '[null,"1","phoenix","heartbeat"]', /got an array of 4/],
    ['an object in version 2', 2, '{"topic":"a"}', /got an object/],
    ['an array in version 1', 1, '["1","1","a","phx_join",{}]', /got an array/],
    ['a missing key', 1, '{"topic":"a","event":"phx_join"}', /got no payload/],
    ['null', 1, 'null', /got null/],
    ['a topic that is not a string', 2, '[null,"1",7,"e",{}]', /expected topic as a string, got a number/],
    ['an event that is not a string', 2, '[null,"1","a",{},{}]', /expected event as a string, got an object/],
    ['a join_ref that is an array', 2, '[[],"1","a","e",{}]', /expected join_ref/],
    ['a ref that is an array', 2, '[null,[],"a","e",{}]', /expected ref/],
    ['a ref that is too long', 2, `[null,"${longRef}","a","e",{}]`, /got a long string/],
    ['a ref that no number can hold', 2, '[null,1e400,"a","e",{}]', /expected ref/],
    ['binary in version 1', 1, Buffer.from([0, 1, 1]), /version 1/],
    ['a binary push without lengths', 2, Buffer.from([0]), /a binary push of Phoenix/],
    ['a binary push that is cut off', 2, Buffer.from([0, 200, 1, 1, 1, 65]), /got 6/],
    ['another kind of binary', 2, Buffer.from([2, 0, 0, 0, 0]), /binary push/],
    ['names that are not UTF-8', 2, Buffer.from([0, 0, 0, 1, 0, 255]), /UTF-8/],
  ])('rejects %s with an error that says what was expected', (what, vsn, data, message) => {
    const textCode = what === 'text that is not JSON' ? 'not_utf8_json' : 'not_a_frame'
    const code = typeof data === 'string' ? textCode : 'unsupported_binary'
    const refused = (): unknown => decode(vsn, data)
    expect(refused).toThrow(ProtocolError)
    expect(refused).toThrow(message)
    expect(refused).toThrow(expect.objectContaining({ code }))
  })

  test('decodes any data or throws a ProtocolError that does not quote it', () => {
    const planted = 'secret-of-a-client'
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(fc.oneof(fc.jsonValue(), fc.constant(planted)), { maxLength: 7 }).map((frame) => JSON.stringify(frame)),
      fc.uint8Array({ maxLength: 40 }),
    )
    fc.assert(
      fc.property(fc.constantFrom<Vsn>(1, 2), anything, (vsn, data) => {
        try {
          const { joinRef, ref, topic, event } = decode(vsn, data)
          expect([typeof topic, typeof event]).toEqual(['string', 'string'])
          for (const each of [joinRef, ref]) expect(['string', 'number', 'bigint', 'object']).toContain(typeof each)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
          expect((error as Error).message).not.toContain(planted)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('encode', () => {
  const counts = encodeCounts(['users', 'viewers'], [1, 2])

  test('version 2 sends arrays, with keys in the documented order', () => {
    expect(encodeOk(2, '1', '2', 'a')).toBe('["1","2","a","phx_reply",{"status":"ok","response":{}}]')
    expect(encodeError(2, null, '2', 'a', 'unmatched topic')).toBe(
      '[null,"2","a","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]',
    )
    expect(encodeClose(2, '1', 'a')).toBe('["1","1","a","phx_close",{}]')
    expect(encodeState(2, '1', 'a', counts)).toBe(
      '["1",null,"a","presence_state",{"users":{"count":1},"viewers":{"count":2}}]',
    )
    expect(encodeDiff(2, 'a', '{}', '{}', counts)).toBe(
      '[null,null,"a","presence_diff",{"joins":{},"leaves":{},"counts":{"users":{"count":1},"viewers":{"count":2}}}]',
    )
  })

  test('version 1 sends objects without a join_ref', () => {
    expect(encodeOk(1, '1', '2', 'a')).toBe(
      '{"topic":"a","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"2"}',
    )
    expect(encodeState(1, '1', 'a', counts)).toBe(
      '{"topic":"a","event":"presence_state","payload":{"users":{"count":1},"viewers":{"count":2}},"ref":null}',
    )
  })

  test.each([
    [2, '[1764255813000000123,1764255813000000124,"a","e",{"ref":1764255813000000125}]'],
    [2, ' [ "1,\\"2" , -9007199254740993 ,"a","e",{}]'],
    [2, `[null,${'9'.repeat(255)},"a","e",[1764255813000000125]]`],
    [1, '{"payload":{},"join_ref":1764255813000000123,"topic":"a","event":"e","ref":1764255813000000124}'],
    [1, '{"ref" : 18446744073709551615,"topic":"a","event":"e","payload":{"ref":18446744073709551614}}'],
  ] as const)('a whole number beyond 2^53 is sent back as it was written: version %i, %s', (vsn, text) => {
    const [joinRef, ref] =
      vsn === 2
        ? /^\s*\[\s*(null|-?\d+|"(?:\\.|[^"\\])*")\s*,\s*(-?\d+)/.exec(text)!.slice(1)
        : [null, /"ref" ?: ?(\d+)/.exec(text)![1]]
    const message = decode(vsn, text)
    const reply = encodeOk(vsn, message.joinRef, message.ref, message.topic)
    expect(reply).toContain(vsn === 2 ? `[${joinRef},${ref},"a"` : `"ref":${ref}}`)
  })

  test('numbers that differ are not the same join_ref', () => {
    const joinRefOf = (digits: string) => decode(2, `[${digits},1,"a","e",{}]`).joinRef
    expect(joinRefOf('1764255813000000123')).toBe(joinRefOf('1764255813000000123'))
    expect(joinRefOf('1764255813000000123')).not.toBe(joinRefOf('1764255813000000124'))
  })

  test('topics and refs of any text are unchanged', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(text, text, fc.constantFrom<Vsn>(1, 2), (topic, ref, vsn) => {
        const frame = JSON.parse(encodeOk(vsn, ref, ref, topic))
        const [gotRef, gotTopic] = vsn === 2 ? [frame[1], frame[2]] : [frame.ref, frame.topic]
        expect([gotRef, gotTopic]).toEqual([ref, topic])
      }),
    )
  })
})

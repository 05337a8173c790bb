import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Receiver } from 'ws'
import { textFrame } from './frame.js'
import { texts } from './test/house.js'

test('a frame of any length is read back whole, one behind another', () => {
  const sizes = fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000)
  fc.assert(
    fc.property(fc.array(sizes, { maxLength: 5 }), (lengths) => {
      const sent = lengths.map((length, i) => String(i % 10).repeat(length))
      expect(texts(Buffer.concat(sent.map(textFrame)))).toEqual(sent)
    }),
  )
})

test('the receiver of ws reads it', async () => {
  const text = `${'é'.repeat(100)}🙂`
  const receiver = new Receiver({ isServer: false })
  const read = new Promise<string>((resolve) =>
    receiver.on('message', (data: Buffer) => resolve(data.toString())),
  )
  receiver.write(textFrame(text))
  expect(await read).toBe(text)
})

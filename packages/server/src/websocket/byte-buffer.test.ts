import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteBuffer } from './byte-buffer.js'

test('pieces are appended and dropped in any order', () => {
  const act = fc.oneof(fc.record({ append: fc.uint8Array({ maxLength: 40 }) }), fc.record({ drop: fc.nat(60) }))
  fc.assert(
    fc.property(fc.array(act), (acts) => {
      const buffer = new ByteBuffer()
      let model: number[] = []
      for (const each of acts) {
        if ('append' in each) {
          model.push(...each.append)
          buffer.append(Buffer.from(each.append))
        } else {
          model = model.slice(each.drop)
          buffer.drop(each.drop)
        }
        expect([...buffer.bytes]).toEqual(model)
      }
    }),
  )
})

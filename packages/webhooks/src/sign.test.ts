import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { signedHeaders } from './sign.js'

const [old, next] = [1, 2].map((byte) => Buffer.alloc(32, byte)) as [Buffer, Buffer]
const secretOf = (key: Buffer) => `whsec_${key.toString('base64')}`
const body = JSON.stringify({ type: 'topics.changed' })

test('a receiver with either secret accepts the signature, and one with another refuses it', () => {
  const headers = signedHeaders([next, old], body, Date.now())
  for (const key of [old, next]) expect(new Webhook(secretOf(key)).verify(body, headers)).toEqual(JSON.parse(body))
  expect(() => new Webhook(secretOf(Buffer.alloc(32, 3))).verify(body, headers)).toThrow()
  expect(() => new Webhook(secretOf(old)).verify(`${body} `, headers)).toThrow()
})

test('the same body always has the same id, and another body has another id', () => {
  const idOf = (text: string, at: number) => signedHeaders([old], text, at)['webhook-id']
  expect(idOf(body, 1_000)).toBe(idOf(body, 9_000_000))
  expect(idOf(`${body} `, 1_000)).not.toBe(idOf(body, 1_000))
})

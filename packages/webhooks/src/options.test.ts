import { expect, test } from 'vitest'
import { type WebhookOptions, webhookOf } from './options.js'
import { createWebhooks } from './webhooks.js'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const url = 'https://example.com/hook'

test('a webhook receives occupancy by default', () => {
  const { levels, keys, matches } = webhookOf({ url, secret }, 'webhooks[0]')
  expect(levels).toEqual([{ up: 1, down: 0, delay: 5_000 }])
  expect([keys[0]!.length, matches('anything')]).toEqual([32, true])
})

test('thresholds have a hysteresis, by default down to nine tenths', () => {
  const thresholds = [100, { at: 10, down: 2 }]
  const { levels } = webhookOf({ url, secret, occupancy: false, thresholds }, 'w')
  expect(levels).toEqual([
    { up: 100, down: 90, delay: 0 },
    { up: 10, down: 2, delay: 0 },
  ])
})

test.each<[Partial<Record<keyof WebhookOptions | 'x', unknown>>, string]>([
  [{ url: 'http://example.com' }, 'url: expected an https URL; allowPrivate allows http'],
  [{ url: 'nonsense' }, 'url: expected an https URL; allowPrivate allows http'],
  [{ url: 'ftp://a', allowPrivate: true }, 'url: expected an http or https URL'],
  [{ url: 'https://planted@example.com' }, 'url: expected a URL without a name and a password'],
  [{ secret: 'planted' }, 'secret: expected "whsec_" and 24 to 64 bytes as base64'],
  [
    { secret: `whsec_${Buffer.alloc(23).toString('base64')}` },
    'secret: expected "whsec_" and 24 to 64 bytes as base64',
  ],
  [{ secret: [] }, 'secret: expected one secret, or two'],
  [{ secret: [secret, secret, secret] }, 'secret: expected one secret, or two'],
  [{ topics: [] }, 'topics: expected a list of topic patterns'],
  [{ vacantAfter: -1 }, 'vacantAfter: expected a whole number from 0 to 86400000'],
  [{ thresholds: [1] }, 'thresholds: expected whole numbers of at least 2, or { at, down } with down below at'],
  [
    { thresholds: [{ at: 5, down: 5 }] },
    'thresholds: expected whole numbers of at least 2, or { at, down } with down below at',
  ],
  [{ thresholds: [5, { at: 5, down: 1 }] }, 'thresholds: expected different numbers'],
  [{ occupancy: false }, 'thresholds: expected a threshold where occupancy is false'],
  [
    { x: 1 },
    'x: expected no such key; the keys are url, secret, topics, occupancy, vacantAfter, thresholds, allowPrivate',
  ],
])('the options %j are refused', (options, message) => {
  const create = () => webhookOf({ url, secret, ...options } as WebhookOptions, 'webhooks[3]')
  expect(create).toThrow(expect.objectContaining({ code: 'bad_option', message: `webhooks[3].${message}` }))
})

test('every unknown option is named', () => {
  const create = () => webhookOf({ url, secret, x: 1, y: 2 } as WebhookOptions, 'webhooks[3]')
  expect(create).toThrow(/^webhooks\[3\]\.x: expected no such key; .*\nwebhooks\[3\]\.y: expected no such key; /)
})

test('two webhooks with the same URL are refused', () => {
  const message = 'webhooks: expected different URLs'
  expect(() =>
    createWebhooks([
      { url, secret },
      { url, secret },
    ]),
  ).toThrow(message)
})

test('all webhooks together have at most fifty levels', () => {
  const many = (size: number) =>
    Array.from({ length: size }, (_, i) => {
      const thresholds = Array.from({ length: 20 }, (_, t) => 2 + i * 20 + t)
      return { url: `${url}/${i}`, secret, occupancy: false, thresholds }
    })
  expect(() => createWebhooks(many(2))).not.toThrow()
  const message = 'webhooks: expected at most 50 different thresholds and times of vacancy, got 60'
  expect(() => createWebhooks(many(3))).toThrow(expect.objectContaining({ code: 'bad_option', message }))
})

test('a topic has the levels of every webhook that matches it, each once', () => {
  const receiver = createWebhooks([
    { url, secret, topics: ['video:*'], thresholds: [10] },
    { url: `${url}/2`, secret, topics: ['video:1', 'room:*'] },
    { url: `${url}/3`, secret, topics: ['room:*'], vacantAfter: 0 },
  ])
  const text = (topic: string) => receiver.levels(topic).map(({ up, down, delay }) => `${up} ${down} ${delay}`)
  expect(text('video:1')).toEqual(['1 0 5000', '10 9 0'])
  expect(text('room:1')).toEqual(['1 0 0', '1 0 5000'])
  expect(text('other')).toEqual([])
})
